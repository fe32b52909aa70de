"""Sending files of the media folder: never a whole large one in memory, never one outside."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.http import HttpResponse as WholeResponse
from django.utils.http import content_disposition_header

_BLOCK_BYTES = 512 * 1024
_WHOLE_BYTES = 2 * 1024 * 1024
"""A file up to this size is sent in one piece."""
_SANDBOX = "default-src 'none'; sandbox"
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def send_file(
    request: HttpRequest, path: Path, content_type: str, *, attachment: str = ""
) -> HttpResponseBase:
    """Answer with a file, or the range of it that was asked for; a player seeks that way.

    Args:
        request: May ask for one range; several at once, or one beyond the end, get the whole.
        path: Below the media folder.
        content_type: What it is.
        attachment: Name under which it is saved; empty to show it in the page.

    Raises:
        Http404: It is not there, or a link leads elsewhere.
    """
    file = _open(path)
    size = os.fstat(file.fileno()).st_size
    first, last = _asked_range(request, size)
    is_part = (first, last) != (0, size - 1)
    response = _stream(request, file, first, last - first + 1)
    if is_part:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    return _guarded(response, content_type, attachment)


def send_content(content: bytes, content_type: str, *, attachment: str) -> HttpResponseBase:
    """Answer with bytes that lie in no file, to be saved under a name."""
    return _guarded(WholeResponse(content), content_type, attachment)


def send_pieces(
    request: HttpRequest, pieces: Iterator[bytes], content_type: str, *, attachment: str
) -> HttpResponseBase:
    """Answer with what is made while it is sent, to be saved under a name."""
    wanted = iter(()) if request.method == "HEAD" else pieces
    is_async = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(_in_threads(wanted) if is_async else wanted)
    return _guarded(response, content_type, attachment)


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Make the pieces beside the event loop, one at a time as the client takes them."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def _guarded(response: HttpResponseBase, content_type: str, attachment: str) -> HttpResponseBase:
    """Add the headers that keep a file of a stranger from doing anything in a browser."""
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = disposition(attachment) if attachment else "inline"
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def disposition(filename: str) -> str:
    """Return the header that saves an answer under a name, whatever letters it has."""
    return content_disposition_header(as_attachment=True, filename=filename) or "attachment"


def _asked_range(request: HttpRequest, size: int) -> tuple[int, int]:
    """Return the first and the last byte that are wanted."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        return 0, size - 1
    first = int(asked[1])
    last = min(int(asked[2]) if asked[2] else size - 1, size - 1)
    return (first, last) if first <= last else (0, size - 1)


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


def _stream(
    request: HttpRequest, file: BufferedReader, first: int, length: int
) -> HttpResponseBase:
    """Answer with bytes of a file without holding many in memory, in this server's own way."""
    file.seek(first)
    response: HttpResponseBase
    if request.method == "HEAD":
        with file:
            response = WholeResponse(b"")
    elif length <= _WHOLE_BYTES:
        with file:
            response = WholeResponse(file.read(length))
    elif isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(_async_blocks(file, length))
    else:
        response = StreamingHttpResponse(_blocks(file, length))
    response.headers["Content-Length"] = str(length)
    return response


def _blocks(file: BufferedReader, length: int) -> Iterator[bytes]:
    with file:
        while block := file.read(min(_BLOCK_BYTES, length)):
            length -= len(block)
            yield block


async def _async_blocks(file: BufferedReader, length: int) -> AsyncIterator[bytes]:
    try:
        while block := await asyncio.to_thread(file.read, min(_BLOCK_BYTES, length)):
            length -= len(block)
            yield block
    finally:
        with suppress(OSError):
            file.close()
