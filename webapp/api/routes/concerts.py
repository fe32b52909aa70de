"""Concerts, which photos and videos may belong to."""

import datetime
from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from webapp.access.rights import Right
from webapp.accounts.asker import signed_in
from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, newest
from webapp.api.problems import ProblemError
from webapp.photos import counts
from webapp.photos.arrival.destinations import concert_dissolved
from webapp.photos.clocks import queue_clocks
from webapp.photos.forms import ConcertForm
from webapp.photos.models import Concert as ConcertRow
from webapp.photos.models import PhotoCount
from webapp.photos.queries import concerts_shared_with, concerts_visible_to

router = Router()


class Concert(Schema):
    """A concert.

    Attributes:
        time_zone: IANA name of where it was; empty for where its owner lives.
        photo_count: Photos of the library that belong to it.
    """

    id: UUID
    name: str
    artists: str
    date: datetime.date | None
    venue: str
    time_zone: str
    photo_count: int
    created_at: datetime.datetime


class ConcertIn(Schema):
    """A concert to be made."""

    name: Text
    artists: Text = ""
    date: datetime.date | None = None
    venue: Text = ""
    time_zone: Text = ""


class ConcertChange(Schema):
    """What shall be different of a concert; what is left out stays."""

    name: Text | None = None
    artists: Text | None = None
    date: datetime.date | None = None
    venue: Text | None = None
    time_zone: Text | None = None


class ConcertQuery(Schema):
    """Which concerts.

    Attributes:
        shared: Those that others share with you, in place of your own.
    """

    shared: bool = False


def _shown(concerts: list[ConcertRow]) -> list[Concert]:
    totals = counts.of(PhotoCount.Kind.CONCERT, [concert.pk for concert in concerts])
    return [
        Concert(
            id=concert.pk,
            name=concert.name,
            artists=concert.artists,
            date=concert.date,
            venue=concert.venue,
            time_zone=concert.time_zone,
            photo_count=totals.get(concert.pk, 0),
            created_at=concert.created_at,
        )
        for concert in concerts
    ]


@router.get("/concerts", auth=may("read"), response=Page[Concert], operation_id="list_concerts")
def list_concerts(
    request: HttpRequest, page: Paged, wanted: Annotated[ConcertQuery, Query()]
) -> Page[Concert]:
    """List the concerts: your own, or those that others share with you."""
    listed = concerts_shared_with if wanted.shared else concerts_visible_to
    return newest(listed(request.user), page, _shown)


@router.get(
    "/concerts/{uuid:concert_id}", auth=may("read"), response=Concert, operation_id="get_concert"
)
def get_concert(request: HttpRequest, concert_id: UUID) -> Concert:
    """Tell one concert."""
    return _shown([one_of(concerts_visible_to(request.user, Right.SEE), concert_id)])[0]


@router.post(
    "/concerts", auth=may("upload"), response={201: Concert}, operation_id="create_concert"
)
def create_concert(request: HttpRequest, body: ConcertIn) -> Concert:
    """Make a concert."""
    user = signed_in(request)
    concert = ConcertRow(owner=user, time_zone=user.time_zone)
    fields = body.dict()
    fields["time_zone"] = fields["time_zone"] or user.time_zone
    return _saved(concert, fields)


@router.patch(
    "/concerts/{uuid:concert_id}",
    auth=may("upload"),
    response=Concert,
    operation_id="change_concert",
)
def change_concert(request: HttpRequest, concert_id: UUID, body: ConcertChange) -> Concert:
    """Change a concert."""
    concert = one_of(concerts_visible_to(request.user), concert_id)
    present = {name: getattr(concert, name) for name in ConcertForm.Meta.fields}
    told = body.dict(exclude_unset=True)
    wished = {name: "" if value is None else value for name, value in told.items()}
    return _saved(concert, {**present, **wished})


@router.delete(
    "/concerts/{uuid:concert_id}",
    auth=may("admin"),
    response={204: None},
    operation_id="delete_concert",
)
def delete_concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Remove a concert; its photos stay."""
    concert = one_of(concerts_visible_to(request.user), concert_id)
    with transaction.atomic():
        concert_dissolved.send(concert.pk)
        concert.delete()
        queue_clocks(concert.owner_id)
    return HttpResponse(status=204)


def _saved(concert: ConcertRow, fields: dict[str, object]) -> Concert:
    """Save a concert by the rules of its page.

    Raises:
        ProblemError: One of the fields will not do.
    """
    form = ConcertForm(fields, instance=concert)
    if not form.is_valid():
        reasons = [str(error) for listed in form.errors.values() for error in listed]
        raise ProblemError(422, " ".join(reasons))
    with transaction.atomic():
        saved = form.save()
        if "time_zone" in form.changed_data:
            queue_clocks(saved.owner_id)
    return _shown([saved])[0]
