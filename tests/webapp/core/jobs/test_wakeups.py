"""Wake-ups through files: whole messages, and no error when one cannot be sent.

Each test has queues of its own: Kombu remembers per process which it has declared.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection

from webapp.core.extension import stages
from webapp.core.jobs import wakeups


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wakeups, "LONGEST_WAIT_SECONDS", 5)
    (tmp_path / "queue").mkdir()
    return tmp_path / "queue"


def _connection(folder: Path) -> Connection:
    names = ("data_folder_in", "data_folder_out", "control_folder")
    options = {name: str(folder) for name in names} | {"polling_interval": 0.01}
    return Connection("encore://queue-folder", transport_options=options)


def test_a_message_arrives_as_it_was_sent(folder: Path) -> None:
    with _connection(folder) as connection, connection.SimpleQueue("vision") as queue:
        queue.put({"job": 7})
        message = queue.get(timeout=5)
        assert message.payload == {"job": 7}
        message.ack()


def test_a_queue_gets_only_its_own_messages_in_order(folder: Path) -> None:
    with _connection(folder) as connection:
        vision, default = connection.SimpleQueue("heavy"), connection.SimpleQueue("light")
        for number in range(3):
            vision.put(number)
        default.put("light")
        assert default.get(timeout=5).payload == "light"
        assert [vision.get(timeout=5).payload for _ in range(3)] == [0, 1, 2]
        vision.close()
        default.close()


def test_a_message_half_written_is_not_taken(folder: Path) -> None:
    (folder / "000000000001_x.part").write_text('{"body":')
    with (
        _connection(folder) as connection,
        connection.SimpleQueue("torn") as queue,
        pytest.raises(queue.Empty),
    ):
        queue.get(timeout=0.2)


def test_a_wakeup_that_cannot_be_written_is_no_error_and_one_that_lies_there_names_its_stage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(stages, "_stages", {"paint": stages.Stage(name="paint", run="x.y")})
    app = Celery("test", broker="encore://queue-folder")
    gone = str(folder / "gone")
    app.conf.broker_transport_options = {
        "data_folder_in": gone, "data_folder_out": gone, "control_folder": str(folder)
    }  # fmt: skip
    monkeypatch.setattr(wakeups, "current_app", app)
    assert wakeups.send("paint", 7) is False
    (folder / "gone").mkdir()
    assert wakeups.send("paint", 7) is True
    assert len(list((folder / "gone").glob("*.default.msg"))) == 1
    settings.QUEUE_DIR = folder / "gone"
    unread = wakeups.Unread.now()
    assert (unread.count(["paint"]), unread.count(["dry"])) == (1, 0)
    unread.discard(["dry"])
    assert wakeups.Unread.now() == unread
    unread.discard(["paint"])
    assert wakeups.Unread.now().count(["paint"]) == 0


def test_what_somebody_waits_for_is_read_before_all_that_came_earlier(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {
        "usual": stages.Stage(name="usual", run="x.y"),
        "film": stages.Stage(name="film", run="x.y", is_awaited=True),
    }
    monkeypatch.setattr(stages, "_stages", kinds)
    app = Celery("test", broker="encore://queue-folder")
    app.conf.broker_transport_options = {
        "data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder)
    }  # fmt: skip
    monkeypatch.setattr(wakeups, "current_app", app)
    for number, stage in enumerate(("usual", "usual", "film", "usual")):
        assert wakeups.send(stage, number)

    with _connection(folder) as connection, connection.SimpleQueue("default") as queue:
        read = [queue.get(timeout=5).payload[0] for _ in range(4)]
    assert read == [[2], [0], [1], [3]]


def test_a_worker_that_heard_nothing_for_a_while_looks_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty looks a second cost an idle worker more than half a per cent of a core."""
    monkeypatch.setattr(wakeups, "IDLE_WAIT_SECONDS", 0.25)
    with _connection(tmp_path) as connection, connection.SimpleQueue("quiet"):

        def looks() -> int:
            end, count = time.monotonic() + 0.5, 0
            while time.monotonic() < end:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=2)
                count += 1
            return count

        awake = looks()
        monkeypatch.setattr(wakeups, "AWAKE_SECONDS", 0)
        assert looks() <= 3 < awake
