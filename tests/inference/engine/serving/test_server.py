import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from inference.engine.live.engine import LiveEngine
from inference.engine.serving import server as serving
from inference.engine.serving.doors import listen_on
from inference.engine.serving.server import EngineServer
from inference.protocol.messages import Header
from inference.protocol.wire import MAX_FRAME_BYTES, Message, encode, read_messages
from tests.inference.engine.fakes import COLOURS, FakeModels, jpeg, picture
from tests.inference.engine.test_moments import Smiles, smile, smiling

RED = jpeg(picture(("red", 100, 100)))
ANSWER_SECONDS = 20
WANTED = {"wanted": True, "anyone": True, "weights": {}, "favourites": [], "per_minute": 6}
CONNECTED: list["Client"] = []


@pytest.fixture(autouse=True)
async def hang_up() -> AsyncIterator[None]:
    """Close what a test leaves open."""
    yield
    while CONNECTED:
        CONNECTED.pop().writer.close()
    await asyncio.sleep(0)


class Client:
    """Somebody who speaks to the engine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._messages = read_messages(reader)
        self.writer = writer
        CONNECTED.append(self)

    def say(self, payload: bytes = b"", **header: Any) -> None:
        self.writer.write(encode(cast(Header, header), payload))

    def frame(self, data: bytes = RED, number: object = 0, camera: object = "stage") -> None:
        self.say(data, type="frame", camera=camera, frame=number, captured_at=66.0)

    def enrol(self, embedder: str = "colours", **changes: object) -> None:
        rows = np.array([COLOURS["red"]], dtype="<f4") / 250
        header: dict[str, object] = {
            "type": "gallery",
            "gallery": "fans",
            "revision": 1,
            "people": [{"person": "red", "name": "Red"}],
            "dimensions": 3,
            "rows": [0],
            "embedder": embedder,
        }
        self.say(rows.tobytes(), **{**header, **changes})

    async def hear(self) -> Message:
        return await asyncio.wait_for(anext(self._messages), ANSWER_SECONDS)


async def connect(path: Path) -> Client:
    for _ in range(400):
        with contextlib.suppress(OSError):
            return Client(*await asyncio.open_unix_connection(str(path)))
        await asyncio.sleep(0.01)
    raise AssertionError("the engine does not listen")


@contextlib.asynccontextmanager
async def running(path: Path, models: FakeModels | None = None) -> AsyncIterator[LiveEngine]:
    engine = LiveEngine(models or FakeModels())
    task = asyncio.create_task(EngineServer(engine, "cpu").serve(path))
    try:
        yield engine
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sock"


async def test_a_client_is_welcomed_with_what_is_missing(path: Path) -> None:
    async with running(path, FakeModels(missing=["emotion"])):
        client = await connect(path)
        client.say(type="hello", version=1)
        header = (await client.hear()).header
    assert header["type"] == "welcome"
    assert header["missing"] == ["emotion"]
    assert header["models"] == {"detector": "squares", "embedder": "colours", "emotion": None}


async def test_frames_are_answered_with_names(path: Path) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="open", camera="stage", gallery="fans")
        client.enrol()
        for number in range(5):
            client.frame(number=number)
            result = (await client.hear()).header
            assert (result["type"], result["frame"]) == ("result", number)
    assert [face["name"] for face in result["faces"]] == ["Red"]


async def test_moments_are_told_between_the_answers_once_they_are_wanted(path: Path) -> None:
    async with running(path, Smiles()):
        client = await connect(path)
        client.say(type="open", camera="stage", gallery="fans")
        client.say(type="taste", camera="stage", taste=WANTED)
        heard: list[dict[str, Any]] = []
        for number, share in enumerate(smile(2000, 4.5)):
            at = 1000 * number / 15
            data = smiling(share)
            client.say(data, type="frame", camera="stage", frame=number, captured_at=at)
            heard.append((await client.hear()).header)
    assert [answer["type"] for answer in heard].count("moment") == 1
    (moment,) = [answer for answer in heard if answer["type"] == "moment"]
    assert (moment["camera"], moment["frames"][0]["frame"]) == ("stage", 30)


async def test_word_that_a_stream_is_over_brings_its_last_moment_without_another_frame(
    path: Path,
) -> None:
    async with running(path, Smiles()):
        client = await connect(path)
        client.say(type="open", camera="stage", gallery="fans", taste=WANTED)
        for number, share in enumerate(smile(1200, 1.6)):
            at = 1000 * number / 15
            data = smiling(share)
            client.say(data, type="frame", camera="stage", frame=number, captured_at=at)
            assert (await client.hear()).type == "result"
        client.say(type="over", camera="stage")
        moment = (await client.hear()).header
    assert (moment["type"], moment["frames"][0]["frame"]) == ("moment", 18)


@pytest.mark.parametrize(
    ("camera", "code"),
    [
        ("nobody", "not_open"),
        ("", "not_open"),
        (None, "bad_message"),
        (["stage"], "bad_message"),
        (5, "bad_message"),
    ],
)
async def test_the_end_of_no_camera_is_refused_and_the_connection_kept(
    path: Path, camera: object, code: str
) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="open", camera="stage")
        client.say(type="over", camera=camera)
        assert (await client.hear()).header["code"] == code
        client.frame(number=8)
        assert (await client.hear()).header["type"] == "result"


async def test_moments_of_a_camera_that_is_not_open_are_refused(path: Path) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="taste", camera="nobody", taste=WANTED)
        assert (await client.hear()).header["code"] == "not_open"


async def test_every_frame_gets_exactly_one_answer_and_the_newest_is_read(path: Path) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="open", camera="stage")
        for number in range(30):
            client.frame(number=number)
        answers = [(await client.hear()).header for _ in range(30)]
    assert sorted(answer["frame"] for answer in answers) == list(range(30))
    results = [answer["frame"] for answer in answers if answer["type"] == "result"]
    assert results[-1] == 29
    assert len(results) < 30


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"camera": "nobody"}, "not_open", id="camera not open"),
        pytest.param({"camera": ""}, "not_open", id="camera without a name"),
        pytest.param({"camera": ["stage"]}, "bad_message", id="camera as a list"),
        pytest.param({"number": "7"}, "bad_message", id="number as text"),
        pytest.param({"data": bytes(MAX_FRAME_BYTES + 1)}, "too_large", id="too large"),
        pytest.param({"data": b""}, "bad_frame", id="no picture"),
    ],
)
async def test_a_frame_that_cannot_be_used_is_refused_and_the_connection_kept(
    path: Path, changes: dict[str, Any], code: str
) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="open", camera="stage")
        client.frame(**changes)
        assert (await client.hear()).header["code"] == code
        client.frame(number=8)
        assert (await client.hear()).header["type"] == "result"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"embedder": "another"}, id="another embedder"),
        pytest.param({"rows": [0, 0]}, id="more rows than bytes"),
        pytest.param({"rows": [5]}, id="row of nobody"),
        pytest.param({"rows": [-1]}, id="negative row"),
        pytest.param({"dimensions": 0}, id="no dimensions"),
        pytest.param({"people": "red"}, id="people as text"),
        pytest.param({"revision": None}, id="no revision"),
        pytest.param({"threshold": "high"}, id="threshold as text"),
    ],
)
async def test_a_gallery_that_cannot_be_used_is_refused(
    path: Path, changes: dict[str, Any]
) -> None:
    async with running(path):
        client = await connect(path)
        client.enrol(**changes)
        header = (await client.hear()).header
    assert (header["type"], header["code"]) == ("refused", "bad_gallery")


async def test_an_unknown_type_is_refused_and_bytes_that_are_no_message_end_it(path: Path) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="dance")
        assert (await client.hear()).header["code"] == "bad_message"
        client.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await client.hear()).header["code"] == "bad_message"
        with pytest.raises(StopAsyncIteration):
            await client.hear()


async def test_clients_come_and_go_and_leave_nothing(path: Path) -> None:
    async with running(path) as engine:
        for _ in range(10):
            client = await connect(path)
            client.say(type="open", camera="stage")
            client.enrol()
            client.frame()
            await client.hear()
            client.writer.transport.abort()
        for _ in range(200):
            if not engine.cameras:
                break
            await asyncio.sleep(0.01)
        assert engine.cameras == 0
        assert engine._galleries == {}


async def test_a_client_that_does_not_read_is_let_go_and_the_others_are_served(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MAX_UNREAD_BYTES", 10_000)
    async with running(path) as engine:
        deaf = await connect(path)
        deaf.say(type="open", camera="deaf")
        with contextlib.suppress(ConnectionError):
            for _ in range(3_000):
                deaf.say(type="hello", version=1)
                await deaf.writer.drain()
        for _ in range(500):
            if not engine.cameras:
                break
            await asyncio.sleep(0.01)
        assert engine.cameras == 0
        other = await connect(path)
        other.say(type="stats")
        assert (await other.hear()).header["type"] == "stats"


async def test_stats_count_what_happened(path: Path) -> None:
    async with running(path):
        client = await connect(path)
        client.say(type="open", camera="stage")
        client.frame()
        await client.hear()
        client.frame(b"nonsense", number=1)
        await client.hear()
        client.say(type="stats")
        stats = (await client.hear()).header
    assert (stats["cameras"], stats["frames"], stats["refused"]) == (1, 1, 1)
    assert stats["resident_bytes"] > 1_000_000


async def test_the_socket_belongs_to_this_user_only_and_goes_with_the_engine(path: Path) -> None:
    async with running(path):
        await connect(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_a_new_engine_takes_over_from_one_that_died_and_not_from_one_that_lives(
    path: Path,
) -> None:
    async with running(path):
        await connect(path)
        with pytest.raises(RuntimeError, match="another engine"):
            await EngineServer(LiveEngine(FakeModels()), "cpu").serve(path)
        assert path.exists()
    left = listen_on(path)
    left.close()
    assert path.exists()
    async with running(path):
        client = await connect(path)
        client.say(type="hello", version=1)
        assert (await client.hear()).header["type"] == "welcome"
