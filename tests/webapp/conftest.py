"""What holds after every test, whatever it did."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from webapp.photos import counts


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Forget the language of a test's last request, as the next request of a site does."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def every_count_is_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which a kept count is wrong without a mark: a writer forgot to leave it."""
    has_database = request.node.get_closest_marker("django_db") is not None
    has_database = has_database or "_django_db_helper" in request.fixturenames
    if has_database:
        request.getfixturevalue("_django_db_helper")  # So that this ends before the database does.
    yield
    if has_database:
        assert counts.wrong() == []
