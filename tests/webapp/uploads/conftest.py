"""The upload client and pictures of the tests of photos."""

from tests.webapp.photos.conftest import make_picture, tus  # noqa: F401 - fixtures
