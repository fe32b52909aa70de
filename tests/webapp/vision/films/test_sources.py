"""Reading video: at its own pace or in full, and again when it breaks off."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.inference.video.test_geometry import CORNERS, film_with_matrix
from webapp.vision.films import sources as video_sources
from webapp.vision.films.sources import SourceError, is_live, read_source


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Ten pictures of growing brightness, 800 by 600."""
    import cv2

    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (800, 600))
    for number in range(10):
        writer.write(np.full((600, 800, 3), 20 * number, dtype=np.uint8))
    writer.release()
    return path


def _brightness(jpeg: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).mean())


@pytest.mark.parametrize(
    ("source", "expected"),
    [("rtsp://10.0.0.7/stage", True), ("0", True), ("/dev/video2", True), ("clip.mp4", False)],
)
def test_a_file_ends_and_everything_else_goes_on(source: str, expected: bool) -> None:
    assert is_live(source) is expected


def test_as_fast_as_possible_means_every_picture_in_order(clip: Path) -> None:
    frames = list(read_source(str(clip), keeps_pace=False))
    assert [frame.captured_at for frame in frames] == pytest.approx([50 * n for n in range(10)])
    brightness = [_brightness(frame.jpeg) for frame in frames]
    assert brightness == sorted(brightness)
    assert Image.open(io.BytesIO(frames[0].jpeg)).size == (640, 480)


def test_at_its_own_pace_it_takes_as_long_as_it_lasts(clip: Path) -> None:
    started = time.monotonic()
    frames = list(read_source(str(clip)))
    assert 0.4 < time.monotonic() - started < 5
    assert frames[0].captured_at == 0


def test_a_reader_that_is_too_slow_skips_pictures_and_is_not_late(clip: Path) -> None:
    started = time.monotonic()
    late = []
    for frame in read_source(str(clip)):
        late.append(time.monotonic() - started - frame.captured_at / 1000)
        time.sleep(0.12)
    assert len(late) < 8
    assert max(late) < 0.3


def test_a_mirrored_film_is_shown_as_it_was_meant(tmp_path: Path) -> None:
    path = film_with_matrix(tmp_path / "film.mp4", (-1, 0, 0, 1))

    frames = list(read_source(str(path), keeps_pace=False))

    shown = np.asarray(Image.open(io.BytesIO(frames[0].whole)))
    assert np.abs(shown[30, 120].astype(int) - CORNERS[-1, -1]).max() < 16
    assert [frame.captured_at for frame in frames] == pytest.approx([0, 100, 200])


def test_a_file_that_is_missing_or_no_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file .*nothing\.mp4"):
        next(read_source(str(tmp_path / "nothing.mp4")))
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    with pytest.raises(SourceError, match="no video that can be read"):
        next(read_source(str(text)))


def test_a_source_that_breaks_off_is_opened_again_with_longer_pauses(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_sources, "is_live", lambda _source: True)
    pauses: list[float] = []
    frames = read_source(str(clip), pause=pauses.append)
    for _ in range(21):
        next(frames)
    assert pauses == [0.5, 0.5]
    clip.unlink()
    monkeypatch.setattr(video_sources, "LONGEST_PAUSE_SECONDS", 2.0)

    def stop_after_four(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            raise KeyboardInterrupt

    frames = read_source(str(clip), pause=stop_after_four)
    with pytest.raises(KeyboardInterrupt):
        next(frames)
    assert pauses[2:] == [0.5, 1.0, 2.0, 2.0, 2.0]
