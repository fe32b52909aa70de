"""What was counted of a star or of a concert."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from webapp.access.rights import Right
from webapp.analysis.pages.statistics import best_photos, people_in, together_of
from webapp.analysis.statistics.keeping import Subject, statistics_of
from webapp.api.access import may
from webapp.api.asker import one_of
from webapp.api.problems import ProblemError
from webapp.people.queries import people_visible_to
from webapp.photos.queries import concerts_visible_to

router = Router()
COME_AGAIN_SECONDS = 5


class CountedStar(Schema):
    """A star of the statistics."""

    id: UUID
    name: str


class Statistics(Schema):
    """What was counted.

    Attributes:
        as_of: When it was true.
        is_being_counted: Whether newer numbers are on their way.
        zone: IANA name of where the clock of ``times`` hangs.
        step: How long a stretch of time is: from ``minute`` to ``year``.
        times: When each stretch begins, on that clock, without an offset.
        photos: How many there are in each stretch.
        emotions: For each emotion that was read the number of faces in each stretch.
        qualities: How many faces have a quality of up to 0.1, up to 0.2, and so on.
        best: Ids of the photos with the face of the best quality, best first.
        people: Who is seen most, most first, beginning with the star.
        together: For each two of ``people`` how many photos show both.
    """

    as_of: datetime
    is_being_counted: bool
    photo_count: int
    face_count: int
    zone: str
    step: str
    times: list[str]
    photos: list[int]
    emotions: dict[str, list[int]]
    qualities: list[int]
    best: list[UUID]
    people: list[CountedStar]
    together: list[list[int]]


@router.get(
    "/people/{uuid:person_id}/statistics",
    auth=may("read"),
    response=Statistics,
    operation_id="person_statistics",
)
def person_statistics(request: HttpRequest, person_id: UUID) -> Statistics:
    """Tell how often, when, how and with whom a person was seen."""
    people = people_visible_to(request.user).select_related("owner")
    return _told(one_of(people, person_id))


@router.get(
    "/concerts/{uuid:concert_id}/statistics",
    auth=may("read"),
    response=Statistics,
    operation_id="concert_statistics",
)
def concert_statistics(request: HttpRequest, concert_id: UUID) -> Statistics:
    """Tell the same of everybody at a concert."""
    concerts = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    return _told(one_of(concerts, concert_id))


def _told(subject: Subject) -> Statistics:
    """Return what is known.

    Raises:
        ProblemError: It is being counted for the first time.
    """
    counted = statistics_of(subject)
    if counted.facts is None or counted.as_of is None:
        wait = {"Retry-After": str(COME_AGAIN_SECONDS)}
        raise ProblemError(503, "The numbers are being counted; ask again in a moment.", wait)
    facts = counted.facts
    people = people_in(facts, subject.owner_id)
    return Statistics(
        as_of=counted.as_of,
        is_being_counted=counted.is_being_counted,
        photo_count=facts["photo_count"],
        face_count=facts["face_count"],
        zone=facts["zone"],
        step=facts["step"],
        times=facts["times"],
        photos=facts["photos"],
        emotions=facts["emotions"],
        qualities=facts["qualities"],
        best=[photo.pk for photo in best_photos(facts, subject)],
        people=[CountedStar(id=one.pk, name=one.name) for one in people],
        together=together_of(facts, people),
    )
