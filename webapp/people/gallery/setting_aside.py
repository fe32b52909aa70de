"""References that are not matched against, because they look unlike their person's others.

A picture of somebody else among the references gives strangers that person's name. Who changes
the references has them judged anew before faces are matched; what the user wants kept is kept.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from webapp import vision
from webapp.people.gallery.changes import changes_between, mark_change, note_change
from webapp.people.models import PeopleGallery, Reference
from webapp.people.queries import learnt_spaces_of, locked_gallery_state, references_in_use
from webapp.vision.values import Enrolled


def judge(gallery: PeopleGallery) -> bool:
    """Set references aside, or take them back, of everybody who changed since the last matching.

    Nothing is written if the gallery changed meanwhile; whoever changed it has it matched again,
    which begins here.

    Returns:
        Whether anything was set aside or taken back, so that there is more to match.
    """
    changes = changes_between(gallery, gallery.matched_revision, gallery.revision)
    people = None if not changes.is_complete else changes.people
    turned = _turned(gallery.owner_id, people)
    if not turned:
        return False
    with transaction.atomic():
        state = locked_gallery_state(gallery.owner_id)
        if state != (gallery.revision, gallery.generation):
            return False
        for is_set_aside in (True, False):
            wanted = [pk for pk, (_, unlike) in turned.items() if unlike is is_set_aside]
            Reference.objects.filter(pk__in=wanted).update(is_set_aside=is_set_aside)
        mark_change(gallery.owner_id, people={person for person, _ in turned.values()})
    return True


def _turned(owner_id: int, people: Collection[UUID] | None) -> dict[UUID, tuple[UUID, bool]]:
    """Return references to be set aside, or taken back: whose each is, and which of both."""
    rows = references_in_use().filter(owner_id=owner_id)
    if people is not None:
        rows = rows.filter(person__in=people)
    found = list(rows.order_by("pk"))
    if not found:
        return {}
    enrolled = [Enrolled(one.person_id, bytes(one.embedding), one.embedder) for one in found]
    spaces = vision.spaces_with(learnt_spaces_of(owner_id))
    unlike = vision.unlike_others(enrolled, spaces)
    wanted = [is_unlike and not one.is_kept for one, is_unlike in zip(found, unlike, strict=True)]
    return {
        one.pk: (one.person_id, is_wanted)
        for one, is_wanted in zip(found, wanted, strict=True)
        if one.is_set_aside != is_wanted
    }


@transaction.atomic
def keep(reference: Reference) -> None:
    """Have a person recognised by a reference although it looks unlike the others, for good."""
    locked_gallery_state(reference.owner_id)
    Reference.objects.filter(pk=reference.pk).update(is_kept=True, is_set_aside=False)
    note_change(reference.owner_id, people=[reference.person_id])
