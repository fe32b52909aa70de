"""What stays of the bytes of one request that did not come to its end."""

import hashlib
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.http import UnreadablePostError

from webapp.uploads import parts
from webapp.uploads import receiving as uploads
from webapp.uploads.tus import Checksum

pytestmark = pytest.mark.django_db
FIRST, SECOND = b"a" * 300, b"b" * 200


def drops(*blocks: bytes) -> Iterator[bytes]:
    """Blocks of a connection that ends without a word."""
    yield from blocks
    raise UnreadablePostError("connection lost")


@pytest.mark.parametrize(
    ("checksum", "kept"),
    [
        pytest.param(None, 500, id="what came is kept"),
        pytest.param(
            Checksum("sha256", hashlib.sha256(SECOND * 2).digest()),
            300,
            id="what cannot be checked any more is not",
        ),
    ],
)
def test_a_dropped_request_keeps_only_bytes_that_can_be_trusted(
    checksum: Checksum | None, kept: int
) -> None:
    upload_id = uuid4()
    uploads.receive(upload_id, [FIRST], offset=0, length=700)

    with pytest.raises(UnreadablePostError):
        uploads.receive(upload_id, drops(SECOND), offset=300, length=700, checksum=checksum)

    assert parts.part_of(upload_id).read_bytes() == (FIRST + SECOND)[:kept]


def test_bytes_that_changed_on_their_way_are_not_kept() -> None:
    upload_id = uuid4()
    uploads.receive(upload_id, [FIRST], offset=0, length=700)
    wrong = Checksum("sha256", hashlib.sha256(b"something else").digest())

    with pytest.raises(uploads.UploadRefusedError):
        uploads.receive(upload_id, [SECOND], offset=300, length=700, checksum=wrong)

    assert parts.part_of(upload_id).read_bytes() == FIRST
