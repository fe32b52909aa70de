"""A cancel that arrives while the last bytes of the same upload are made a photo."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.webapp.photos.conftest import Tus, picture
from webapp.photos import storage
from webapp.photos.arrival.intake import PHOTOS
from webapp.photos.models import Photo
from webapp.uploads import receiving as uploads
from webapp.uploads.models import Upload
from webapp.vision.sandbox import photos as photo_files

pytestmark = pytest.mark.django_db(transaction=True)


def cancelling_before(step: Callable[..., Any]) -> Callable[..., Any]:
    def cancel_first(*args: Any) -> Any:
        for upload in Upload.objects.all():
            uploads.cancel(upload)
        return step(*args)

    return cancel_first


@pytest.mark.parametrize(
    ("module", "step"),
    [
        pytest.param(photo_files, "check_header", id="before its header is read"),
        pytest.param(uploads, "sha256_of", id="before it is hashed"),
        pytest.param(storage, "adopt", id="before it moves"),
    ],
)
def test_the_upload_is_gone_without_an_error(
    tus: Tus, data_folder: Path, monkeypatch: pytest.MonkeyPatch, module: Any, step: str
) -> None:
    content = picture()
    url = tus.announce(len(content))["Location"]
    monkeypatch.setattr(module, step, cancelling_before(getattr(module, step)))

    assert tus.patch(url, content, 0).status_code in {404, 422}
    assert not Photo.objects.exists()
    left = [path for path in (data_folder / "media").rglob("*") if path.is_file()]
    assert left == []


def test_a_cancel_after_the_move_leaves_the_photo(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture()
    url = tus.announce(len(content))["Location"]
    monkeypatch.setattr(PHOTOS, "insert", cancelling_before(PHOTOS.insert))

    assert tus.patch(url, content, 0).status_code == 204
    assert storage.files_of(Photo.objects.get().pk).original.read_bytes() == content
