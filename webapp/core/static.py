"""Static files under names that carry the hash of their content, and how they are sent."""

import logging

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]

logger = logging.getLogger(__name__)


class HashedFilesStorage(ManifestStaticFilesStorage):
    """Hashes every file and rewrites the imports between JavaScript modules.

    Django leaves ``import`` paths alone unless told otherwise, and a browser would then mix old
    and new modules after an update.
    """

    support_js_module_import_aggregation = True

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
