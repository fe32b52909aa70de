"""What a web process keeps in its memory for good."""

import gc

from django.urls import get_resolver


def keep_what_is_loaded() -> None:
    """Load all pages, and take what is loaded out of garbage collections.

    Code and tables never become garbage. To go through all of them, as Python does now and then
    while it makes a page, takes as long as the page itself.
    """
    get_resolver().url_patterns  # noqa: B018 - reading them imports every view
    gc.collect()
    gc.freeze()
