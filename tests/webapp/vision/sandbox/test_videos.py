"""The process that reads videos is limited, and its end is never ours."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.inference.video import films
from webapp.vision.sandbox import videos as video_files
from webapp.vision.sandbox.videos import ReaderDiedError, UnreadableVideoError

STEP = 1 / 5


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return films.make_film(tmp_path / "film.mp4", seconds=6, rate=10)


def test_facts_come_from_another_process(film: Path) -> None:
    facts = video_files.read_facts(film)
    assert (facts.width, facts.height) == films.SIZE
    assert facts.seconds == pytest.approx(6, abs=0.1)
    assert facts.recorded_at is None


def times(film: Path, start: float, stop: float) -> tuple[list[float], bool]:
    with video_files.open_stretch(film, start, stop, step=STEP, side=80) as stretch:
        seconds = [frame.seconds for frame in stretch.frames]
        return seconds, stretch.is_over


def test_a_stretch_has_one_frame_for_each_step(film: Path) -> None:
    seconds, is_over = times(film, 1.0, 3.0)
    assert seconds == pytest.approx([1.0 + STEP * index for index in range(10)])
    assert not is_over


def test_the_end_of_the_video_is_told(film: Path) -> None:
    seconds, is_over = times(film, 4.0, 60.0)
    assert seconds[-1] == pytest.approx(5.8)
    assert is_over
    assert times(film, 50.0, 60.0) == ([], True)


def test_stretches_that_overlap_agree_on_their_frames(film: Path) -> None:
    early, _ = times(film, 0.0, 4.0)
    late, _ = times(film, 2.3, 6.0)
    common = [second for second in early if second >= 2.3]
    assert late[: len(common)] == common


def test_frames_are_small_and_say_how_large_they_are(film: Path) -> None:
    with video_files.open_stretch(film, 0, 1, step=STEP, side=80) as stretch:
        frame = next(stretch.frames)
    assert frame.image.shape == (60, 80, 3)
    assert (frame.width, frame.height) == films.SIZE


def test_two_frames_that_look_the_same_are_two_files(tmp_path: Path) -> None:
    film = films.make_film(tmp_path / "still.mp4", times_ms=[0, 100])
    frames = dict(video_files.read_pictures(film, [0, 1600]))
    assert len(set(frames.values())) == 2


def test_no_ticks_need_no_process(tmp_path: Path) -> None:
    assert list(video_files.read_pictures(tmp_path / "nothing.mp4", [])) == []


@pytest.mark.parametrize("make", [films.make_sound, films.make_picture_file])
def test_a_bad_file_is_refused_with_the_childs_sentence(tmp_path: Path, make: Any) -> None:
    with pytest.raises(UnreadableVideoError, match=r"video"):
        video_files.read_facts(make(tmp_path / "a.mp4"))


def test_a_file_that_is_gone_is_no_bad_video(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        video_files.read_facts(tmp_path / "gone.mp4")


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test writes the reader it wants."""
    child = tmp_path / "child.py"
    monkeypatch.setattr(video_files, "_CHILD", child)
    return child


LIMITED = """
import json, sys
from webapp.vision.sandbox.video_child import limit_this_process, send
limit_this_process(json.loads(sys.argv[1])["cpu_seconds"])
"""


def test_a_reader_that_computes_too_long_is_stopped(
    film: Path, endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless.write_text(LIMITED + "while True: pass\n")
    monkeypatch.setattr(video_files, "FACTS_CPU_SECONDS", 1)
    with pytest.raises(UnreadableVideoError, match="too long"):
        video_files.read_facts(film)


def test_a_reader_cannot_take_all_memory(film: Path, endless: Path) -> None:
    endless.write_text(LIMITED + "bytearray(5_000_000_000)\n")
    with pytest.raises(ReaderDiedError):
        video_files.read_facts(film)


def test_a_reader_cannot_write_files(film: Path, endless: Path, tmp_path: Path) -> None:
    target = tmp_path / "written"
    endless.write_text(LIMITED + f"open({str(target)!r}, 'wb', buffering=0).write(b'x')\n")
    with pytest.raises(ReaderDiedError):
        video_files.read_facts(film)
    assert target.read_bytes() == b""


def test_a_reader_that_is_killed_is_no_fault_of_the_file(film: Path, endless: Path) -> None:
    endless.write_text("import os; os.kill(os.getpid(), 9)\n")
    with pytest.raises(ReaderDiedError, match=str(-signal.SIGKILL)):
        video_files.read_facts(film)


def test_a_reader_ends_when_nobody_listens_any_more(film: Path, endless: Path) -> None:
    endless.write_text(
        LIMITED
        + "import os\nsend({'tick': os.getpid(), 'seconds': 0, 'shape': [0, 0, 3], 'width': 1,"
        " 'height': 1})\nwhile True: pass\n"
    )
    with video_files.open_stretch(film, 0, 1, step=STEP, side=80) as stretch:
        reader = next(stretch.frames).tick
        os.kill(reader, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
