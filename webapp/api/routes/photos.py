"""Photos: the library, one photo with its faces, its files, adding and deleting."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from ninja import File, Form, Header, Query, Router, Schema, UploadedFile
from ninja.responses import Status

from webapp.access.rights import Right
from webapp.accounts.asker import signed_in
from webapp.analysis import erasure
from webapp.analysis.models import DetectedFace
from webapp.analysis.pages.gallery import GalleryFilter
from webapp.analysis.search.views import found_by
from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, newest
from webapp.api.pictures import JPEG_OR_FILE
from webapp.api.receiving import receive
from webapp.api.routes.faces import Face, shown_face
from webapp.photos import bin
from webapp.photos.models import Photo as PhotoRow
from webapp.photos.queries import concerts_visible_to, library_of, photos_visible_to
from webapp.photos.views import media

router = Router()


class Photo(Schema):
    """A photo.

    Attributes:
        name: What the file was called.
        state: ``uploaded`` before it was read, ``ready``, or ``failed`` with ``failure``.
        width: Of the upright photo in pixels; empty before it was read. ``height`` likewise.
        face_count: Empty until faces were looked for.
        files: Where its pictures are: ``thumb``, ``display`` (2048 px), ``full``, and ``original``.
    """

    id: UUID
    name: str
    concert: UUID | None
    state: str
    failure: str
    width: int | None
    height: int | None
    bytes: int
    taken_at: datetime | None
    created_at: datetime
    camera: str
    face_count: int | None
    files: dict[str, str]


class PhotoWithFaces(Photo):
    """A photo and everybody on it, from left to right."""

    faces: list[Face]


class PhotoQuery(Schema):
    """Which photos; person and emotion are meant of one face.

    Attributes:
        q: What one would type into the search box, such as ``lisa happy 2026``.
        concert: Of one concert.
        faces: How many faces it has: ``0``, ``1``, ``2``, ``3-5`` or ``6-``.
    """

    q: Text = ""
    person: UUID | None = None
    emotion: Text = ""
    concert: UUID | None = None
    faces: Literal["", "0", "1", "2", "3-5", "6-"] = ""


class Uploaded(Schema):
    """What became of an uploaded file.

    Attributes:
        photo: Id of the photo.
        is_duplicate: Whether it was here before; then nothing was stored.
        has_joined: Whether the one that was here belongs to the wished concert from now on.
    """

    photo: UUID
    is_duplicate: bool
    has_joined: bool


IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
Variant = Literal["thumb", "display", "full", "portrait", "portrait-display", "original"]


def _fields(photo: PhotoRow) -> dict[str, Any]:
    return {
        "id": photo.pk,
        "name": photo.display_name,
        "concert": photo.concert_id,
        "state": photo.state,
        "failure": photo.failure,
        "width": photo.width,
        "height": photo.height,
        "bytes": photo.bytes,
        "taken_at": photo.taken_at,
        "created_at": photo.created_at,
        "camera": photo.camera,
        "face_count": photo.face_count,
        "files": {
            variant: reverse("api:v1:get_photo_file", args=[photo.pk, variant])
            for variant in ("thumb", "display", "full", "original")
        },
    }


@router.get("/photos", auth=may("read"), response=Page[Photo], operation_id="list_photos")
def list_photos(
    request: HttpRequest, page: Paged, wanted: Annotated[PhotoQuery, Query()]
) -> Page[Photo]:
    """List the photos of the library, newest first."""
    return newest(
        _wanted(request, wanted), page, lambda rows: [Photo(**_fields(photo)) for photo in rows]
    )


def _wanted(request: HttpRequest, wanted: PhotoQuery) -> QuerySet[PhotoRow]:
    told = QueryDict(mutable=True)
    told.update({"person": str(wanted.person or ""), "emotion": wanted.emotion})
    told["faces"] = wanted.faces
    library = library_of(request.user)
    if wanted.concert:
        visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
        concert = one_of(visible, wanted.concert)
        library = library_of(concert.owner).filter(concert=concert)
    photos = GalleryFilter.from_query(told).apply(library)
    return found_by(request.user, photos, wanted.q)


@router.post(
    "/photos", auth=may("upload"), response={201: Uploaded, 200: Uploaded}, operation_id="add_photo"
)
def add_photo(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    concert: Annotated[UUID | None, Form()] = None,
    idempotency_key: IdempotencyKey = "",
) -> Status[Uploaded]:
    """Add a photo: JPEG, PNG, WebP or HEIC, up to 60 MB.

    Answers 201 once it lies on the disk, and 200 where the same picture was here before. With the
    header Idempotency-Key, sending it again within a day answers as the first time.
    """
    user = signed_in(request)
    chosen = one_of(concerts_visible_to(user), concert) if concert else None
    received = receive(user, file, chosen, idempotency_key)
    answer = Uploaded(
        photo=received.photo_id, is_duplicate=not received.is_new, has_joined=received.has_joined
    )
    return Status(201 if received.is_new else 200, answer)


@router.get(
    "/photos/{uuid:photo_id}", auth=may("read"), response=PhotoWithFaces, operation_id="get_photo"
)
def get_photo(request: HttpRequest, photo_id: UUID) -> PhotoWithFaces:
    """Tell one photo and everybody on it."""
    photo = one_of(photos_visible_to(request.user, Right.SEE), photo_id)
    faces = (
        DetectedFace.objects.shown().filter(photo=photo).select_related("photo", "person__group")
    )
    return PhotoWithFaces(
        **_fields(photo), faces=[shown_face(face) for face in faces.defer("embedding")]
    )


@router.get(
    "/photos/{uuid:photo_id}/files/{variant}",
    auth=may("read"),
    operation_id="get_photo_file",
    url_name="get_photo_file",
    openapi_extra=JPEG_OR_FILE,
)
def get_photo_file(request: HttpRequest, photo_id: UUID, variant: Variant) -> HttpResponseBase:
    """Send a picture of a photo, or the file as it was uploaded, without places."""
    return media.media(request, photo_id, variant)


@router.delete(
    "/photos/{uuid:photo_id}", auth=may("admin"), response={204: None}, operation_id="delete_photo"
)
def delete_photo(
    request: HttpRequest,
    photo_id: UUID,
    for_ever: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> HttpResponse:
    """Put a photo into the bin, or delete it with all that came of it at once (``for_ever``)."""
    photo = one_of(photos_visible_to(request.user), photo_id)
    if for_ever:
        erasure.delete_photo(photo)
    else:
        bin.throw(photo.owner_id, [photo.pk])
    return HttpResponse(status=204)
