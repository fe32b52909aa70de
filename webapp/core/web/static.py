"""Static files under names that carry the hash of their content, and how they are sent."""

import logging
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]

logger = logging.getLogger(__name__)


PACKAGED_FILES = {"vendor/plotly.js": ("plotly", "package_data/plotly.min.js")}
"""What installed Python packages carry for the browser: its address here, the package, the file.

The address has one dot: WhiteNoise takes what stands between two for a hash.
"""


class PackagedFile(FileSystemStorage):
    """A storage of one file, whatever it is called here."""

    def __init__(self, path: Path, prefix: str) -> None:
        super().__init__(location=path.parent)
        self.prefix = prefix
        self._path = path

    def path(self, name: str) -> str:
        """Return where the file lies."""
        return str(self._path)


class PackagedFilesFinder(BaseFinder):
    """Finds the files of ``PACKAGED_FILES``, so that no copy of them lies in the repository.

    The packages are looked up and never imported.
    """

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield each file with the storage that reads it."""
        for address, path in _packaged_files():
            prefix, _, name = address.rpartition("/")
            yield name, PackagedFile(path, prefix)

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 - Django's own
        """Return where a file lies; an empty list when it is none of ours."""
        found = [str(file) for address, file in _packaged_files() if address == path]
        return found if find_all or not found else found[0]


def _packaged_files() -> Iterator[tuple[str, Path]]:
    """Yield the files that are installed."""
    for address, (package, inside) in PACKAGED_FILES.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            yield address, Path(spec.origin).parent / inside


class HashedFilesStorage(ManifestStaticFilesStorage):
    """Hashes every file and rewrites the imports between JavaScript modules.

    Django leaves ``import`` paths alone unless told otherwise, and a browser would then mix old
    and new modules after an update.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 30
    """Each pass takes a change of names one import further; Django's five end at a chain of six."""

    def url_converter(self, name: str, *rest: Any, **options: Any) -> Any:
        """Leave what packages carry as it is; words in it that look like paths are none."""
        if name in PACKAGED_FILES:
            return itemgetter("matched")
        return super().url_converter(name, *rest, **options)

    def stored_name(self, name: str) -> str:
        """Return the hashed name; the plain one for a file that was not collected.

        Django would break the whole page, and the page that says so as well, for one icon.
        """
        try:
            return str(super().stored_name(name))
        except ValueError:
            logger.error("static file %s was not collected; run manage.py collectstatic", name)  # noqa: TRY400 - the page is shown
            return name


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Sends a static file in one piece.

    WhiteNoise streams by a synchronous iterator, which an asynchronous server has to read to its
    end anyway, with a warning. Static files are small.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Answer with the file, or the part of it that was asked for."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response
