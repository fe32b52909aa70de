"""Static files under names that carry the hash of their content."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedFilesStorage(ManifestStaticFilesStorage):
    """Hashes every file and rewrites the imports between JavaScript modules.

    Django leaves ``import`` paths alone unless told otherwise, and a browser would then mix old
    and new modules after an update.
    """

    support_js_module_import_aggregation = True
