"""What migrations make of rows that were there before."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import make_user
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.queries import library_of

BEFORE = [("photos", "0009_photo_counts")]
TAKEN = datetime(2026, 5, 17, 12, tzinfo=UTC)


def migrate(targets: list[tuple[str, str | None]]) -> Any:
    """Bring the database there; returns the models as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_photos_of_before_the_bin_stay_and_stand_by_their_date() -> None:
    newest = list(MigrationExecutor(connection).loader.graph.leaf_nodes())
    owner = make_user()  # Of an app that does not go back.
    try:
        old = migrate(BEFORE)
        photos = old.get_model("photos", "Photo").objects
        concert = old.get_model("photos", "Concert").objects.create(
            owner_id=owner.pk, name="Seoul", folded_name="seoul"
        )
        for name, taken_at in (("dated", TAKEN), ("undated", None)):
            photos.create(
                owner_id=owner.pk, display_name=name, sha256=name, stored_sha256=name, bytes=1,
                concert=concert, taken_at=taken_at,
            )  # fmt: skip
    finally:
        migrate(newest)

    counts.mend()  # These rows came past everything that marks counts.
    dated, undated = (Photo.objects.get(display_name=name) for name in ("dated", "undated"))
    assert dated.shown_at == TAKEN
    assert undated.shown_at == undated.created_at
    assert set(library_of(dated.owner)) == {dated, undated}
    assert dated.concert is not None
    assert dated.concert.name == "Seoul"
