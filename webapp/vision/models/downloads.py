"""Fetching optional weights, when somebody asks for them and never at a start."""

import fcntl
import http.client
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from django.conf import settings

from webapp.vision.values import VisionError

if TYPE_CHECKING:
    from inference.weights import WeightsRecord

SCHEMES = frozenset({"https"})
TIMEOUT_SECONDS = 30
_BLOCK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes (\d+)-")

Report = Callable[[int, int], object]
"""Called with the bytes that are here and the bytes there are."""


class DownloadError(VisionError):
    """Weights could not be fetched; the text says why and what to do."""


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to an address that is as safe as the first."""

    def redirect_request(self, *args: Any) -> urllib.request.Request | None:
        """Refuse the new address, the last argument, unless it is https."""
        _check_scheme(str(args[-1]))
        return super().redirect_request(*args)


def downloadable() -> list[str]:
    """Return what can be asked for: single optional files, and those that belong together."""
    from inference.weights import bundle_of, records

    names = [name for name, record in records().items() if record.origin == "download"]
    return list(dict.fromkeys(bundle_of(name) for name in names))


def downloads_of(name: str) -> "list[WeightsRecord]":
    """Return the files behind a name.

    Raises:
        DownloadError: Nothing of this name can be downloaded.
    """
    from inference.weights import BUNDLES, record

    if name not in downloadable():
        raise DownloadError(f"{name!r} is none of {', '.join(downloadable())}")
    return [record(part) for part in BUNDLES.get(name, (name,))]


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """One file of a download, as its owner is told about it before."""

    url: str
    bytes: int
    licence: str


def offered_files(name: str) -> list[OfferedFile]:
    """Return what a download would fetch.

    Raises:
        DownloadError: Nothing of this name can be downloaded.
    """
    return [OfferedFile(file.url, file.bytes, file.licence) for file in downloads_of(name)]


def terms_of(name: str) -> str:
    """Say what an owner has to accept before a download: files, sizes, licences, reservations."""
    files = downloads_of(name)
    lines = [f"{file.url}: {file.bytes:,} bytes, {file.licence}" for file in files]
    terms = dict.fromkeys(file.terms for file in files if file.terms)
    return "\n".join([*lines, *terms]) if terms else ""


def download_weights(name: str, report: Report) -> Path:
    """Fetch the optional files behind a name into the folder of weights and check them.

    ``report`` is told about all of them together; it may raise, which stops the download.

    A download that stops is resumed by the next call. A right file that is there is kept.

    Returns:
        Where the last of them lies.

    Raises:
        DownloadError: The network, an address or a file is not as it must be.
    """
    files = downloads_of(name)
    whole = sum(file.bytes for file in files)
    before = 0
    for file in files:
        path = _download(file, _overall(report, before, whole))
        before += file.bytes
    return path


def _overall(report: Report, before: int, whole: int) -> Report:
    return lambda here, _: report(before + here, whole)


def _download(wanted: "WeightsRecord", report: Report) -> Path:
    from inference.errors import WeightsError
    from inference.weights import accept_download, expected_path, locate

    _check_scheme(wanted.url)
    folder = Path(settings.WEIGHTS_DIR)
    path = expected_path(wanted, folder)
    try:
        return locate(wanted, folder)
    except WeightsError:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch(wanted, path, report)
    try:
        return accept_download(wanted, folder)
    except WeightsError as error:
        path.unlink(missing_ok=True)
        raise DownloadError(f"What came is not the registered file: {error}") from error


def _fetch(record: "WeightsRecord", path: Path, report: Report) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.tell() > record.bytes:
                file.truncate(0)
            if file.tell() < record.bytes:
                _receive(record, file, report)
            part.replace(path)
    except BlockingIOError as error:
        raise DownloadError(f"{record.name} is being downloaded already") from error
    except HTTPError as error:
        error.close()
        raise DownloadError(f"{record.url} answers {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(
            f"{urlsplit(record.url).hostname} cannot be reached, or the connection broke "
            f"({error}). Try again: it goes on where it stopped."
        ) from error


def _receive(record: "WeightsRecord", file: IO[bytes], report: Report) -> None:
    """Append what is missing; a server that cannot resume sends all of it again.

    Raises:
        DownloadError: More came than the file may have, or less.
    """
    there = file.tell()
    request = urllib.request.Request(record.url)  # noqa: S310 - the scheme was checked
    if there:
        request.add_header("Range", f"bytes={there}-")
    opener = urllib.request.build_opener(_SecureRedirects)
    with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        resumed = _RANGE.match(answer.headers.get("Content-Range", ""))
        if resumed is None or int(resumed[1]) != there:
            there = 0
            file.truncate(0)
        report(there, record.bytes)
        while block := answer.read(_BLOCK_BYTES):
            there += len(block)
            if there > record.bytes:
                file.truncate(0)
                raise DownloadError(f"{record.url} sends more than {record.bytes} bytes")
            file.write(block)
            report(there, record.bytes)
    if there < record.bytes:
        raise OSError(f"{there} of {record.bytes} bytes came")


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in SCHEMES:
        raise DownloadError(f"{url} is not https; nothing was fetched")
