"""A clip is a part of a film as it is: its pictures, its sound in step, and the same as WebP."""

from pathlib import Path

import av
import pytest
from PIL import Image

from inference.errors import VideoError
from inference.fancam.clips import MOVING_RATE, MOVING_SIDE, render_clip
from tests.inference.fancam.test_rendering import FLASH, RATE, WIDE, _flash_of, _tone_of, make_flash
from tests.inference.video.films import make_film


def _cut(source: Path, folder: Path, span: tuple[float, float]) -> tuple[Path, Path]:
    target, animation = folder / "clip.mp4", folder / "clip.webp"
    render_clip(source, target, animation, span=span)
    return target, animation


@pytest.mark.parametrize("start", [0.0, 2.2])
def test_a_clip_begins_where_it_should_with_its_sound_in_step(start: float, tmp_path: Path) -> None:
    target, _ = _cut(make_flash(tmp_path / "flash.mp4"), tmp_path, (start, 5.5))
    assert _flash_of(target) == pytest.approx(FLASH - start, abs=1 / RATE)
    assert abs(_tone_of(target) - _flash_of(target)) <= 1 / RATE
    with av.open(str(target)) as container:
        film, sound = container.streams.video[0], container.streams.audio[0]
        assert (film.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (film.width, film.height) == WIDE
        assert float(film.duration * film.time_base) == pytest.approx(5.5 - start, abs=0.1)


def test_the_animation_is_small_and_lasts_as_long(tmp_path: Path) -> None:
    _, animation = _cut(make_flash(tmp_path / "flash.mp4"), tmp_path, (1.0, 4.0))
    with Image.open(animation) as moving:
        assert moving.format == "WEBP"
        assert max(moving.size) == MOVING_SIDE
        count = moving.n_frames  # type: ignore[attr-defined]
        shown = 0
        for number in range(count):
            moving.seek(number)
            moving.load()
            shown += moving.info["duration"]
    assert count <= 3 * MOVING_RATE + 1
    assert shown == pytest.approx(3000, abs=100)


def test_a_film_of_odd_sides_that_ends_early_is_cut_as_far_as_it_goes(tmp_path: Path) -> None:
    source = make_film(tmp_path / "odd.webm", seconds=2.0, codec="libvpx", size=(161, 121))
    target, animation = _cut(source, tmp_path, (0.5, 6.5))
    with av.open(str(target)) as container:
        assert not container.streams.audio
        assert len(list(container.decode(video=0))) == 15
    assert animation.stat().st_size > 0


def test_a_part_without_pictures_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no picture"):
        _cut(make_film(tmp_path / "short.mp4", seconds=1.0), tmp_path, (5.0, 9.0))
