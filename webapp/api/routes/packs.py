"""Star packs: a group as one file, to take away and to bring."""

from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Query, Router, Schema, UploadedFile

from webapp.accounts.asker import signed_in
from webapp.api.access import may
from webapp.api.asker import one_of
from webapp.people.models import PendingPack
from webapp.people.packs.form import MOST_BYTES
from webapp.people.packs.importing import Plan, keep_pack, plan_of, take_pack
from webapp.people.packs.reading import read_pack
from webapp.people.packs.writing import write_pack
from webapp.people.queries import groups_visible_to

router = Router()
ZIP: dict[str, Any] = {
    "responses": {
        200: {
            "description": "A star pack",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class PackPerson(Schema):
    """What a pack would change of one person.

    Attributes:
        known: Who they are here; empty for somebody new.
        new_references: Faces that are not here yet.
        new_aliases: Other names that they would get.
        trouble: What cannot be taken over, as a sentence; empty for nothing.
    """

    name: str
    known: UUID | None
    new_references: int
    new_aliases: list[str]
    trouble: str


class Pack(Schema):
    """What a pack would change, or has changed.

    Attributes:
        id: By which it is taken in or left, for a day.
        foreign: References of another recogniser; they are made anew from their pictures.
        useless: References of another recogniser without a picture; they are left out.
    """

    id: UUID
    group: str
    credits: str
    people: list[PackPerson]
    foreign: int
    useless: int


def _shown(pack_id: UUID, plan: Plan) -> Pack:
    people = [
        PackPerson(
            name=one.packed.name,
            known=one.known.pk if one.known is not None else None,
            new_references=len(one.references),
            new_aliases=one.aliases,
            trouble=one.trouble,
        )
        for one in plan.people
    ]
    group = plan.read.pack.group
    return Pack(
        id=pack_id,
        group=group.name,
        credits=group.credits,
        people=people,
        foreign=plan.foreign,
        useless=plan.useless,
    )


@router.get(
    "/groups/{uuid:group_id}/pack",
    auth=may("read"),
    operation_id="export_group",
    openapi_extra=ZIP,
)
def export_group(
    request: HttpRequest,
    group_id: UUID,
    faces: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> HttpResponse:
    """Send a group as a star pack, with small pictures of the faces if wished."""
    group = one_of(groups_visible_to(request.user), group_id)
    return HttpResponse(write_pack(group, with_faces=faces), content_type="application/zip")


@router.post("/packs", auth=may("name"), response={201: Pack}, operation_id="bring_pack")
def bring_pack(request: HttpRequest, pack: Annotated[UploadedFile, File()]) -> Pack:
    """Bring a star pack and be told what it would change; nothing is changed yet."""
    user = signed_in(request)
    pending = keep_pack(user.pk, pack.read(MOST_BYTES + 1))
    return _shown(pending.pk, plan_of(user.pk, read_pack(bytes(pending.content))))


@router.post(
    "/packs/{uuid:pack_id}/take", auth=may("name"), response=Pack, operation_id="take_pack"
)
def take(request: HttpRequest, pack_id: UUID) -> Pack:
    """Take a star pack in that was brought before."""
    try:
        return _shown(pack_id, take_pack(signed_in(request).pk, pack_id))
    except PendingPack.DoesNotExist as error:
        raise Http404 from error


@router.delete(
    "/packs/{uuid:pack_id}", auth=may("name"), response={204: None}, operation_id="leave_pack"
)
def leave(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Do not take a star pack in; nothing of it stays."""
    one_of(PendingPack.objects.filter(owner_id=request.user.pk), pack_id).delete()
    return HttpResponse(status=204)
