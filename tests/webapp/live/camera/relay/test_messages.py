"""Publications are looked at before anything in them is believed."""

from uuid import uuid4

import pytest

from tests.webapp.live.conftest import JPEG
from webapp.live.camera.relay.messages import NonsenseError, read
from webapp.live.messages import MAX_FRAME_BYTES, pack

BEGAN = {"type": "began", "session": str(uuid4()), "process": "one", "since": 1.0}
STATE = BEGAN | {
    "type": "state",
    "number": 3,
    "is_on_air": True,
    "person": "",
    "name": "",
    "is_last": False,
}
VIEW = {"frame": 1, "width": 4, "height": 3, "faces": [], "is_labelled": True, "age_ms": 2.5}


def test_what_was_said_comes_out_with_its_picture() -> None:
    heard = read(pack(STATE | {"view": VIEW}, JPEG))
    assert heard.said == STATE | {"view": VIEW}
    assert heard.image == JPEG
    assert str(heard.session_id) == STATE["session"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\0\0\x09{}", id="a header that ends too early"),
        pytest.param(b"\xff\xff\xff\xff{}", id="a header without end"),
        pytest.param(b"\0\0\0\x02[]", id="no object"),
        pytest.param(pack({"type": "other"}, b""), id="an unknown kind"),
        pytest.param(pack(BEGAN | {"session": "one"}, b""), id="no session"),
        pytest.param(pack(BEGAN | {"since": "now"}, b""), id="no time"),
        pytest.param(pack(STATE | {"view": VIEW}, b"<svg/>"), id="no picture"),
        pytest.param(pack(BEGAN, b"\0" * (MAX_FRAME_BYTES + 200_000)), id="too large"),
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(NonsenseError):
        read(data)
