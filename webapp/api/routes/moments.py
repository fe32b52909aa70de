"""Moments that were captured."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Query, Router, Schema

from webapp.access.rights import Right
from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, newest
from webapp.api.routes.faces import PersonRef, shown_person
from webapp.moments import bin, services
from webapp.moments.models import Moment as MomentRow
from webapp.moments.pages.grid import MomentFilter
from webapp.moments.pages.showing import for_cards
from webapp.moments.queries import moments_visible_to

router = Router()


class Moment(Schema):
    """An instant worth keeping.

    Attributes:
        photo: Its picture, which is a photo like any other.
        kind: ``auto``, ``group``, ``manual`` or ``burst``.
        at_seconds: Since its live session or video began.
        score: 0 to 1; null where nothing was scored, as in one captured by hand.
        reason: Why it was chosen, in words.
    """

    id: UUID
    photo: UUID | None
    kind: str
    at: datetime
    at_seconds: float
    score: float | None
    emotion: str
    emotions: dict[str, float]
    reason: str
    people: list[PersonRef]
    concert: UUID | None
    session: UUID | None
    video: UUID | None
    is_liked: bool


class MomentQuery(Schema):
    """Which moments.

    Attributes:
        day: Of the capture, as ``2026-11-30``, where the concert was or the user lives.
        show: ``liked``, ``discarded``, or empty for all that were not discarded.
    """

    concert: UUID | None = None
    person: UUID | None = None
    session: UUID | None = None
    video: UUID | None = None
    emotion: Text = ""
    day: Text = ""
    show: Literal["", "liked", "discarded"] = ""


def _shown(moment: MomentRow) -> Moment:
    return Moment(
        id=moment.pk,
        photo=moment.photo_id,
        kind=moment.kind,
        at=moment.at,
        at_seconds=moment.at_seconds,
        score=moment.score,
        emotion=moment.emotion,
        emotions=moment.emotions,
        reason=moment.reason,
        people=[shown_person(person) for person in moment.people.all()],
        concert=moment.concert_id,
        session=moment.session_id,
        video=moment.video_id,
        is_liked=moment.is_liked,
    )


def _moments(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[MomentRow]:
    return moments_visible_to(request.user, right)


@router.get("/moments", auth=may("read"), response=Page[Moment], operation_id="list_moments")
def list_moments(
    request: HttpRequest, page: Paged, wanted: Annotated[MomentQuery, Query()]
) -> Page[Moment]:
    """List the moments."""
    told = QueryDict(mutable=True)
    told.update({name: str(value) for name, value in wanted.dict().items() if value})
    found = MomentFilter.from_query(told).moments_for(request.user)
    rows = for_cards(found).prefetch_related("people__group")
    return newest(rows, page, lambda moments: [_shown(moment) for moment in moments], by="at")


@router.get(
    "/moments/{uuid:moment_id}", auth=may("read"), response=Moment, operation_id="get_moment"
)
def get_moment(request: HttpRequest, moment_id: UUID) -> Moment:
    """Tell one moment."""
    return _shown(one_of(_moments(request, Right.SEE), moment_id))


@router.put(
    "/moments/{uuid:moment_id}/like",
    auth=may("name"),
    response={204: None},
    operation_id="like_moment",
)
def like_moment(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Like a moment; what is liked teaches which moments are wanted."""
    services.like_moment(one_of(_moments(request), moment_id))
    return HttpResponse(status=204)


@router.delete(
    "/moments/{uuid:moment_id}/like",
    auth=may("name"),
    response={204: None},
    operation_id="unlike_moment",
)
def unlike_moment(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Take a like back."""
    services.unlike_moment(one_of(_moments(request), moment_id))
    return HttpResponse(status=204)


@router.delete(
    "/moments/{uuid:moment_id}",
    auth=may("admin"),
    response={204: None},
    operation_id="delete_moment",
)
def delete_moment(
    request: HttpRequest,
    moment_id: UUID,
    for_ever: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> HttpResponse:
    """Put a moment into the bin, or delete it with its pictures at once (``for_ever``)."""
    moment = one_of(_moments(request), moment_id)
    if for_ever:
        services.delete_moment(moment)
    else:
        bin.throw(moment.owner_id, [moment.pk])
    return HttpResponse(status=204)
