"""The only way to the files of photos: every one is asked for by id and checked for its owner."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.http import HttpResponse as WholeResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from webapp.photos import queries, storage
from webapp.photos.models import Photo

_BLOCK_BYTES = 512 * 1024
_WHOLE_BYTES = 2 * 1024 * 1024
"""A file up to this size is sent in one piece."""
_SANDBOX = "default-src 'none'; sandbox"
_EXTENSIONS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic"}


@require_safe
def media(request: HttpRequest, photo_id: UUID, variant: str) -> HttpResponseBase:
    """Send one file of a photo: pictures made here inline, the original only as attachment.

    An original may be a valid photo and a web page at once, so a browser never shows it.
    """
    photo = queries.photos_visible_to(request.user).filter(pk=photo_id).first()
    path = _path(storage.files_of(photo_id), variant)
    if photo is None or path is None:
        raise Http404
    response = _stream(request, _open(path))
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    if variant == "original":
        response.headers["Content-Type"] = "application/octet-stream"
        response.headers["Content-Disposition"] = _attachment(photo)
    else:
        response.headers["Content-Type"] = "image/jpeg"
        response.headers["Content-Disposition"] = "inline"
        if "download" in request.GET:
            response.headers["Content-Disposition"] = _attachment(photo, variant)
    return response


def _path(files: storage.PhotoFiles, variant: str) -> Path | None:
    return {
        "thumb": files.thumb,
        "display": files.display,
        "full": files.full,
        "portrait": files.portrait,
        "portrait-display": files.portrait_display,
        "original": files.original,
    }.get(variant)


def _open(path: Path) -> BufferedReader:
    """Open a file of the media folder; a link, or a folder that leads outside, is not there."""
    root = Path(settings.MEDIA_ROOT).resolve()
    if path.parent.resolve() != root / path.parent.relative_to(settings.MEDIA_ROOT):
        raise Http404
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise Http404 from error
    return os.fdopen(handle, "rb")


def _stream(request: HttpRequest, file: BufferedReader) -> HttpResponseBase:
    """Answer with a file without holding a large one in memory, in this server's own way."""
    size = os.fstat(file.fileno()).st_size
    response: HttpResponseBase
    if size <= _WHOLE_BYTES:
        with file:
            response = WholeResponse(file.read())
    elif isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(_async_blocks(file))
    else:
        response = StreamingHttpResponse(_blocks(file))
    response.headers["Content-Length"] = str(size)
    return response


def _blocks(file: BufferedReader) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block


async def _async_blocks(file: BufferedReader) -> AsyncIterator[bytes]:
    try:
        while block := await asyncio.to_thread(file.read, _BLOCK_BYTES):
            yield block
    finally:
        with suppress(OSError):
            file.close()


def _attachment(photo: Photo, variant: str = "") -> str:
    """Name the download after the photo, with the extension that its content has."""
    stem = Path(photo.display_name).stem or "photo"
    if not variant:
        return _disposition(stem + _EXTENSIONS.get(photo.format, ""))
    return _disposition(f"{stem}-{variant}.jpg")


def _disposition(filename: str) -> str:
    return content_disposition_header(as_attachment=True, filename=filename) or "attachment"
