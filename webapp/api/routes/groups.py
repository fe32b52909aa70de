"""Groups of people who appear together."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, newest
from webapp.people import services
from webapp.people.models import Group as GroupRow
from webapp.people.queries import groups_visible_to

router = Router()


class Group(Schema):
    """A group."""

    id: UUID
    name: str
    created_at: datetime


class GroupIn(Schema):
    """The new name of a group."""

    name: Text


def _shown(group: GroupRow) -> Group:
    return Group(id=group.pk, name=group.name, created_at=group.created_at)


@router.get("/groups", auth=may("read"), response=Page[Group], operation_id="list_groups")
def list_groups(request: HttpRequest, page: Paged) -> Page[Group]:
    """List the groups."""
    groups = groups_visible_to(request.user)
    return newest(groups, page, lambda rows: [_shown(group) for group in rows])


@router.get("/groups/{uuid:group_id}", auth=may("read"), response=Group, operation_id="get_group")
def get_group(request: HttpRequest, group_id: UUID) -> Group:
    """Tell one group."""
    return _shown(one_of(groups_visible_to(request.user), group_id))


@router.patch(
    "/groups/{uuid:group_id}", auth=may("name"), response=Group, operation_id="rename_group"
)
def rename_group(request: HttpRequest, group_id: UUID, body: GroupIn) -> Group:
    """Give a group another name."""
    return _shown(
        services.rename_group(one_of(groups_visible_to(request.user), group_id), body.name)
    )


@router.delete(
    "/groups/{uuid:group_id}", auth=may("admin"), response={204: None}, operation_id="delete_group"
)
def delete_group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Remove a group; its people stay."""
    services.remove_group(one_of(groups_visible_to(request.user), group_id))
    return HttpResponse(status=204)
