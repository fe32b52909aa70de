"""Fixtures of the moments tests."""

from tests.webapp.photos.conftest import make_picture, tus  # noqa: F401 - fixtures
