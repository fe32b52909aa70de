"""Static files under names that carry the hash of their content."""

import logging

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

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
