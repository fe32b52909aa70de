"""Fixtures of the moments tests."""

from tests.webapp.live.conftest import engine, run_folder, session  # noqa: F401 - fixtures
from tests.webapp.photos.conftest import make_picture, tus  # noqa: F401 - fixtures
