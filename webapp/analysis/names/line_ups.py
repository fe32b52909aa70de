"""Which groups may have played at a concert, by the names found in its photos."""

from dataclasses import dataclass

from django.db.models import Count

from webapp.access.rights import Asker
from webapp.analysis.models import DetectedFace
from webapp.people.line_ups import line_up_of
from webapp.people.models import Group
from webapp.people.queries import groups_visible_to
from webapp.photos.models import Concert, Photo

LEAST_SUGGESTED_FACES = 3
"""So many faces of a group's members suggest that it played; fewer may be wrong names."""
MOST_PHOTOS = 300
"""So many photos of the concert tell; a page does not wait for the names of thousands."""


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A group that may have played at a concert.

    Attributes:
        members: How many people of it are known.
        faces: How many faces in the concert's newest photos bear the name of one.
        is_chosen: Whether the user has said that it played.
        is_suggested: Whether the names found suggest it.
    """

    group: Group
    members: int
    faces: int
    is_chosen: bool
    is_suggested: bool


def groups_to_choose(user: Asker, concert: Concert) -> list[GroupChoice]:
    """Return the user's groups, those most often found in the concert's photos first."""
    photos = Photo.objects.filter(concert=concert, binned_at=None).order_by("-shown_at", "-id")
    at_concert = DetectedFace.objects.filter(
        photo__in=photos.values("pk")[:MOST_PHOTOS], person__group__isnull=False
    )
    counted = at_concert.order_by().values("person__group").annotate(total=Count("pk"))
    found = dict(counted.values_list("person__group", "total"))
    chosen = set(line_up_of(concert).values_list("pk", flat=True))
    choices = [
        GroupChoice(
            group,
            group.members,
            found.get(group.pk, 0),
            is_chosen=group.pk in chosen,
            is_suggested=not chosen and found.get(group.pk, 0) >= LEAST_SUGGESTED_FACES,
        )
        for group in groups_visible_to(user).annotate(members=Count("people"))
    ]
    return sorted(choices, key=lambda one: -one.faces)
