"""The tus server: two addresses through which a file comes in, in one piece or in many."""

from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from webapp.accounts.models import User
from webapp.photos import bodies, queries, tus, uploads
from webapp.photos.models import Concert, Upload
from webapp.photos.tus import UploadRefusedError
from webapp.photos.views.asker import signed_in

View = Callable[..., HttpResponse]

_BLOCK_BYTES = 256 * 1024
_SLOW = "The bytes came too slowly. The upload goes on where it stopped."
_GONE = "The connection was lost. The upload goes on where it stopped."


def speaks_tus(view: View) -> View:
    """Check the version, and answer refusals and broken connections in the protocol's words."""

    @wraps(view)
    def answer(request: HttpRequest, *args: UUID, **kwargs: UUID) -> HttpResponse:
        try:
            if request.method != "OPTIONS":
                tus.check_version(request)
            response = view(request, *args, **kwargs)
        except UploadRefusedError as refusal:
            response = JsonResponse({"error": refusal.reason}, status=refusal.status)
            for name, value in refusal.headers.items():
                response.headers[name] = value
        except UnreadablePostError as error:
            response = _unreadable(error)
        response.headers["Tus-Resumable"] = tus.VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


@require_http_methods(["OPTIONS", "POST"])
@speaks_tus
def create(request: HttpRequest) -> HttpResponse:
    """Announce a file; with a body, take its first bytes or all of them at once."""
    if request.method == "OPTIONS":
        return _capabilities()
    user = signed_in(request)
    length = tus.number(request, "Upload-Length")
    uploads.check_limits(user, length)
    about = tus.metadata(request)
    ticket = uploads.Ticket(
        owner=user,
        filename=tus.harmless_name(about.get("filename", "")),
        concert=_concert(user, about.get("concert", "")),
    )
    if request.content_type == tus.CHUNK_TYPE and _has_body(request):
        return _create_with_bytes(request, ticket, length)
    upload = uploads.begin(ticket, length)
    return _created(upload, 0)


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
@speaks_tus
def resume(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Say how much of an upload is here, take more of it, or forget it."""
    if request.method == "OPTIONS":
        return _capabilities()
    upload = queries.uploads_of(signed_in(request)).filter(pk=upload_id).first()
    if upload is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, "There is no such upload.")
    if request.method == "DELETE":
        uploads.cancel(upload)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method == "HEAD":
        return _tell(HttpResponse(), upload, uploads.offset_of(upload))
    return _append(request, upload)


def _append(request: HttpRequest, upload: Upload) -> HttpResponse:
    tus.check_chunk_type(request)
    offset = tus.number(request, "Upload-Offset")
    there = uploads.offset_of(upload)
    if offset != there:
        raise UploadRefusedError(
            HTTPStatus.CONFLICT,
            f"{there} bytes are here, not {offset}.",
            {"Upload-Offset": str(there)},
        )
    try:
        there = _take(request, upload, there)
    except FileNotFoundError as error:
        if queries.uploads_of(upload.owner).filter(pk=upload.pk).exists():
            raise
        raise UploadRefusedError(
            HTTPStatus.NOT_FOUND, "This upload was cancelled while it went on."
        ) from error
    return _tell(HttpResponse(status=HTTPStatus.NO_CONTENT), upload, there)


def _take(request: HttpRequest, upload: Upload, there: int) -> int:
    """Take the bytes of one request and finish the upload if it is whole; returns the offset."""
    if there < upload.length:
        there = uploads.receive(
            upload.pk,
            _blocks(request),
            offset=there,
            length=upload.length,
            checksum=tus.checksum(request),
        )
    if there == upload.length and upload.photo_id is None:
        ticket = uploads.Ticket(signed_in(request), upload.filename, upload.concert, upload)
        outcome = uploads.finish(ticket, upload.pk)
        upload.photo_id, upload.was_duplicate = outcome.photo_id, outcome.is_duplicate
    return there


def _create_with_bytes(request: HttpRequest, ticket: uploads.Ticket, length: int) -> HttpResponse:
    """Take a file that comes with its announcement; a whole one needs no row of its own."""
    part_id = uuid4()
    checksum = tus.checksum(request)
    try:
        there = uploads.receive(
            part_id, _blocks(request), offset=0, length=length, checksum=checksum
        )
        if there == length:
            return _done(uploads.finish(ticket, part_id), length)
        return _created(uploads.begin(ticket, length, part_id), there)
    except BaseException:
        uploads.drop(part_id)  # The client was not told of this upload and cannot resume it.
        raise


def _done(outcome: uploads.Outcome, length: int) -> HttpResponse:
    response = JsonResponse(
        {"photo": str(outcome.photo_id), "duplicate": outcome.is_duplicate},
        status=HTTPStatus.CREATED,
    )
    response.headers["Location"] = reverse("photos:tus-upload", args=[outcome.photo_id])
    response.headers["Upload-Offset"] = str(length)
    return _tell_photo(response, outcome.photo_id, is_duplicate=outcome.is_duplicate)


def _created(upload: Upload, offset: int) -> HttpResponse:
    response = _tell(HttpResponse(status=HTTPStatus.CREATED), upload, offset)
    response.headers["Location"] = reverse("photos:tus-upload", args=[upload.pk])
    return response


def _tell(response: HttpResponse, upload: Upload, offset: int) -> HttpResponse:
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Length"] = str(upload.length)
    response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.photo_id is not None:
        _tell_photo(response, upload.photo_id, is_duplicate=upload.was_duplicate)
    return response


def _tell_photo(response: HttpResponse, photo_id: UUID, *, is_duplicate: bool) -> HttpResponse:
    response.headers["Encore-Photo"] = str(photo_id)
    response.headers["Encore-Duplicate"] = "true" if is_duplicate else "false"
    return response


def _capabilities() -> HttpResponse:
    return HttpResponse(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
            "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
        },
    )


def _unreadable(error: UnreadablePostError) -> HttpResponse:
    """Answer a body that did not arrive as it should; what came of it is kept."""
    if isinstance(error.__cause__, bodies.BodyTooLargeError):
        return JsonResponse(
            {"error": "More bytes came than a request may have."},
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    if isinstance(error.__cause__, bodies.BodyTooSlowError):
        return JsonResponse({"error": _SLOW}, status=HTTPStatus.REQUEST_TIMEOUT)
    return JsonResponse({"error": _GONE}, status=HTTPStatus.BAD_REQUEST)


def _blocks(request: HttpRequest) -> Iterator[bytes]:
    while block := request.read(_BLOCK_BYTES):
        yield block


def _has_body(request: HttpRequest) -> bool:
    return request.headers.get("Content-Length", "") != "0"


def _concert(user: User, concert_id: str) -> Concert | None:
    if not concert_id:
        return None
    try:
        concert = queries.concerts_visible_to(user).filter(pk=concert_id).first()
    except ValidationError:
        concert = None
    if concert is None:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "That concert does not exist any more.")
    return concert
