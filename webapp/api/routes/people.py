"""People who can be recognised."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from webapp.analysis import erasure
from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, newest
from webapp.people import services
from webapp.people.aliases import set_aliases
from webapp.people.models import Person as PersonRow
from webapp.people.queries import people_called_like, people_visible_to, with_counts

router = Router()


class Person(Schema):
    """Somebody who can be recognised.

    Attributes:
        aliases: Other names, in Hangul for example.
        group: Name of the group; empty without one. ``group_id`` likewise.
        photo_count: Photos of the library that show them.
        reference_count: Pictures by which they are recognised.
    """

    id: UUID
    name: str
    aliases: list[str]
    group: str
    group_id: UUID | None
    photo_count: int
    reference_count: int
    created_at: datetime


class PersonIn(Schema):
    """What shall be different; what is left out stays.

    Attributes:
        aliases: All other names; none of them may be what somebody else is called.
        group: Empty takes the person out of any group.
    """

    name: Text | None = None
    aliases: list[Text] | None = None
    group: Text | None = None


class PersonQuery(Schema):
    """Which people.

    Attributes:
        q: A part of a name of theirs or their group's; then the best few come on one page.
    """

    q: Annotated[Text, Query()] = ""


def _shown(people: list[PersonRow]) -> list[Person]:
    ids = [person.pk for person in people]
    counted = {one.pk: one for one in with_counts(PersonRow.objects.filter(pk__in=ids))}
    return [
        Person(
            id=person.pk,
            name=person.name,
            aliases=[alias.name for alias in counted[person.pk].aliases.all()],
            group=person.group.name if person.group else "",
            group_id=person.group_id,
            photo_count=counted[person.pk].photo_count,
            reference_count=counted[person.pk].reference_count,  # type: ignore[attr-defined]
            created_at=person.created_at,
        )
        for person in people
        if person.pk in counted
    ]


@router.get("/people", auth=may("read"), response=Page[Person], operation_id="list_people")
def list_people(
    request: HttpRequest, page: Paged, wanted: Annotated[PersonQuery, Query()]
) -> Page[Person]:
    """List the people, or those whose name fits."""
    if wanted.q:
        return Page(items=_shown(people_called_like(request.user, wanted.q)), next_cursor="")
    return newest(people_visible_to(request.user), page, _shown)


@router.get(
    "/people/{uuid:person_id}", auth=may("read"), response=Person, operation_id="get_person"
)
def get_person(request: HttpRequest, person_id: UUID) -> Person:
    """Tell one person."""
    return _shown([one_of(people_visible_to(request.user), person_id)])[0]


@router.patch(
    "/people/{uuid:person_id}", auth=may("name"), response=Person, operation_id="rename_person"
)
def rename_person(request: HttpRequest, person_id: UUID, body: PersonIn) -> Person:
    """Give a person another name or group, or say what else they are called."""
    person = one_of(people_visible_to(request.user), person_id)
    present = person.group.name if person.group else ""
    name = person.name if body.name is None else body.name
    with transaction.atomic():
        services.rename_person(person, name, present if body.group is None else body.group)
        if body.aliases is not None:
            set_aliases(person, "\n".join(body.aliases))
    return get_person(request, person_id)


@router.delete(
    "/people/{uuid:person_id}",
    auth=may("admin"),
    response={204: None},
    operation_id="delete_person",
)
def delete_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Forget a person with all references; the photos stay."""
    erasure.delete_person(one_of(people_visible_to(request.user), person_id))
    return HttpResponse(status=204)
