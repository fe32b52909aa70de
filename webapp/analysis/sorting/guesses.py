"""Unnamed faces that resemble somebody, too little to be named: asked about one by one."""

from dataclasses import dataclass

from django.utils.translation import gettext

from webapp.access.rights import Asker
from webapp.analysis.models import DetectedFace
from webapp.analysis.queries import Suggestion, faces_visible_to, suggestions_for
from webapp.core.web.paging import BadQueryError
from webapp.people.queries import references_visible_to

AT_ONCE = 10
LOOKED_AT = 3000
"""Of so many faces, the newest, the likeliest guesses come first."""

REFERENCES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """A face and who it may be.

    Attributes:
        references: Ids of the best pictures of that person.
    """

    face: DetectedFace
    suggestion: Suggestion
    references: list[str]


def guesses_for(user: Asker, after: str = "") -> tuple[list[Guess], str]:
    """Return the likeliest guesses after a place, and the place to go on from; empty at the end.

    Raises:
        BadQueryError: The place is not one of ours.
    """
    place = _read(after)
    waiting = DetectedFace.objects.to_sort().filter(photo__owner_id=user.pk).exclude(candidates=[])
    newest = waiting.order_by("-pk").values_list("pk", "candidates")[:LOOKED_AT]
    ranked = sorted(((one[0]["similarity"], pk) for pk, one in newest if one), reverse=True)
    few = [one for one in ranked if one < place][:AT_ONCE]
    faces = faces_visible_to(user).defer("embedding").in_bulk([pk for _, pk in few])
    said = suggestions_for(user, list(faces.values()))
    guesses = [
        Guess(faces[pk], said[pk][0], _references_of(user, said[pk][0]))
        for _, pk in few
        if said.get(pk)
    ]
    return guesses, f"{few[-1][0]}~{few[-1][1]}" if len(few) == AT_ONCE else ""


def _references_of(user: Asker, suggestion: Suggestion) -> list[str]:
    found = references_visible_to(user).filter(person=suggestion.person, is_set_aside=False)
    return [str(pk) for pk in found.values_list("pk", flat=True)[:REFERENCES_SHOWN]]


def _read(after: str) -> tuple[float, int]:
    if not after:
        return 2.0, 0
    similarity, _, pk = after.partition("~")
    try:
        return float(similarity), int(pk)
    except ValueError as error:
        raise BadQueryError(gettext("This place in the list is not known.")) from error
