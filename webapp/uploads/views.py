"""The tus server: two addresses of each kind of file, which comes in one piece or in many."""

from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from webapp.accounts.asker import signed_in
from webapp.core.server import bodies
from webapp.uploads import limits, queries, tus
from webapp.uploads import receiving as uploads
from webapp.uploads.intake import Intake, Ticket
from webapp.uploads.models import Upload
from webapp.uploads.tus import UploadRefusedError

View = Callable[..., HttpResponse]

_BLOCK_BYTES = 256 * 1024
_SLOW = gettext_noop("The bytes came too slowly. The upload goes on where it stopped.")
_RETURNED = gettext_noop("This photo was in the bin and is back.")
_JOINED = gettext_noop("Already here; added to the concert.")
_GONE = gettext_noop("The connection was lost. The upload goes on where it stopped.")


def speaks_tus(view: View) -> View:
    """Check the version, and answer refusals and broken connections in the protocol's words."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
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
def create(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Announce a file; with a body, take its first bytes or all of them at once."""
    if request.method == "OPTIONS":
        return _capabilities(intake)
    user = signed_in(request)
    length = tus.announced_length(request)
    limits.check_limits(intake, user, 1 if length is None else length)
    about = tus.metadata(request)
    ticket = Ticket(
        owner=user,
        filename=tus.harmless_name(about.get("filename", ""), nameless=intake.kind),
        about={key: value for key, value in about.items() if key != "filename"},
    )
    intake.check_announced(ticket)
    if length is not None and request.content_type == tus.CHUNK_TYPE and _has_body(request):
        return _create_with_bytes(request, intake, ticket, length)
    upload = uploads.begin(intake, ticket, length)
    return _created(intake, upload, 0)


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
@speaks_tus
def resume(request: HttpRequest, upload_id: UUID, intake: Intake) -> HttpResponse:
    """Say how much of an upload is here, take more of it, or forget it."""
    if request.method == "OPTIONS":
        return _capabilities(intake)
    upload = queries.uploads_of(signed_in(request), intake.kind).filter(pk=upload_id).first()
    if upload is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such upload."))
    if request.method == "DELETE":
        uploads.cancel(upload)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method == "HEAD":
        return _tell(HttpResponse(), upload, uploads.offset_of(intake, upload))
    return _append(request, intake, upload)


def _append(request: HttpRequest, intake: Intake, upload: Upload) -> HttpResponse:
    tus.check_chunk_type(request)
    offset = tus.number(request, "Upload-Offset")
    there = uploads.offset_of(intake, upload)
    if offset != there:
        raise UploadRefusedError(
            HTTPStatus.CONFLICT,
            gettext("%(there)s bytes are here, not %(offset)s.")
            % {"there": there, "offset": offset},
            {"Upload-Offset": str(there)},
        )
    is_growing = upload.is_open
    if is_growing:
        end = there + tus.body_length(request)
        uploads.let_grow(intake, upload, end, tus.told_length(request))
    try:
        there, outcome = _take(request, intake, upload, there, is_growing=is_growing)
    except FileNotFoundError as error:
        if queries.uploads_of(upload.owner, intake.kind).filter(pk=upload.pk).exists():
            raise
        raise UploadRefusedError(
            HTTPStatus.NOT_FOUND, gettext("This upload was cancelled while it went on.")
        ) from error
    response = _tell(HttpResponse(status=HTTPStatus.NO_CONTENT), upload, there)
    return _tell_joined(response, outcome) if outcome else response


def _take(
    request: HttpRequest, intake: Intake, upload: Upload, there: int, *, is_growing: bool
) -> tuple[int, uploads.Outcome | None]:
    """Take the bytes of one request; returns the offset and what became of a whole upload."""
    if there < upload.length:
        there = uploads.receive(
            upload.pk,
            _blocks(request),
            offset=there,
            length=upload.length,
            checksum=tus.checksum(request),
            is_growing=is_growing,
        )
    if upload.is_open or there < upload.length or upload.became is not None:
        return there, None
    user = signed_in(request)
    ticket = Ticket(user, upload.filename, upload, upload.about)
    outcome = uploads.finish(intake, ticket, upload.pk)
    upload.became, upload.was_duplicate = outcome.file_id, outcome.is_duplicate
    return there, outcome


def _create_with_bytes(
    request: HttpRequest, intake: Intake, ticket: Ticket, length: int
) -> HttpResponse:
    """Take a file that comes with its announcement; a whole one needs no row of its own."""
    part_id = uuid4()
    checksum = tus.checksum(request)
    try:
        there = uploads.receive(
            part_id, _blocks(request), offset=0, length=length, checksum=checksum
        )
        if there == length:
            return _done(intake, uploads.finish(intake, ticket, part_id), length)
        return _created(intake, uploads.begin(intake, ticket, length, part_id), there)
    except BaseException:
        uploads.drop(part_id)  # The client was not told of this upload and cannot resume it.
        raise


def _done(intake: Intake, outcome: uploads.Outcome, length: int) -> HttpResponse:
    answer = {intake.kind: str(outcome.file_id), "duplicate": outcome.is_duplicate}
    if outcome.has_returned:
        answer["message"] = gettext(_RETURNED)
    elif outcome.has_joined:
        answer["message"] = gettext(_JOINED)
    response = JsonResponse(answer, status=HTTPStatus.CREATED)
    response.headers["Location"] = reverse(intake.address, args=[outcome.file_id])
    response.headers["Upload-Offset"] = str(length)
    _tell_result(response, intake.kind, outcome.file_id, is_duplicate=outcome.is_duplicate)
    return _tell_joined(response, outcome)


def _created(intake: Intake, upload: Upload, offset: int) -> HttpResponse:
    response = _tell(HttpResponse(status=HTTPStatus.CREATED), upload, offset)
    response.headers["Location"] = reverse(intake.address, args=[upload.pk])
    return response


def _tell(response: HttpResponse, upload: Upload, offset: int) -> HttpResponse:
    response.headers["Upload-Offset"] = str(offset)
    if upload.is_open:
        response.headers["Upload-Defer-Length"] = "1"
    else:
        response.headers["Upload-Length"] = str(upload.length)
    response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.became is not None:
        _tell_result(response, upload.kind, upload.became, is_duplicate=upload.was_duplicate)
    return response


def _tell_result(
    response: HttpResponse, kind: str, file_id: UUID, *, is_duplicate: bool
) -> HttpResponse:
    """Name what the file became: ``Encore-Photo`` or ``Encore-Video``."""
    response.headers[f"Encore-{kind.capitalize()}"] = str(file_id)
    response.headers["Encore-Duplicate"] = "true" if is_duplicate else "false"
    return response


def _tell_joined(response: HttpResponse, outcome: uploads.Outcome) -> HttpResponse:
    """Say that a duplicate belongs to the chosen concert from now on, or came out of the bin."""
    if outcome.has_joined:
        response.headers["Encore-Joined"] = "true"
    if outcome.has_returned:
        response.headers["Encore-Returned"] = "true"
    return response


def _capabilities(intake: Intake) -> HttpResponse:
    return HttpResponse(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(intake.max_bytes),
            "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
        },
    )


def _unreadable(error: UnreadablePostError) -> HttpResponse:
    """Answer a body that did not arrive as it should; what came of it is kept."""
    if isinstance(error.__cause__, bodies.BodyTooLargeError):
        return JsonResponse(
            {"error": gettext("More bytes came than a request may have.")},
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    if isinstance(error.__cause__, bodies.BodyTooSlowError):
        return JsonResponse({"error": gettext(_SLOW)}, status=HTTPStatus.REQUEST_TIMEOUT)
    return JsonResponse({"error": gettext(_GONE)}, status=HTTPStatus.BAD_REQUEST)


def _blocks(request: HttpRequest) -> Iterator[bytes]:
    while block := request.read(_BLOCK_BYTES):
        yield block


def _has_body(request: HttpRequest) -> bool:
    return request.headers.get("Content-Length", "") != "0"
