"""A fancam is what its window shows, upright, in H.264, with the sound where it was."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.errors import VideoError
from inference.fancam.rendering import cut_out, output_size, render
from tests.inference.video.films import make_film, make_sound

RATE, SOUND = 30, 44_100
FLASH = 3.5
"""Second at which everything is white for a tenth of a second, and a tone begins."""
WIDE = (640, 360)


def make_flash(path: Path, *, sound_from: float = 0.0, seconds: float = 6.0) -> Path:
    """Write a film with a white flash and a tone at the same instant."""
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=RATE, options={"bf": "2"})
        film.width, film.height, film.pix_fmt = *WIDE, "yuv420p"
        film.codec_context.gop_size = 40
        tone = container.add_stream("aac", rate=SOUND, layout="mono")
        for number in range(int(seconds * RATE)):
            is_white = FLASH <= number / RATE < FLASH + 0.1
            image = np.full((*WIDE[::-1], 3), 235 if is_white else 16, np.uint8)
            container.mux(film.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for first in range(round(sound_from * SOUND), round(seconds * SOUND), 1024):
            at = (first + np.arange(1024)) / SOUND
            wave = np.where((at >= FLASH) & (at < FLASH + 0.1), 0.8 * np.sin(5000 * at), 0)
            frame = av.AudioFrame.from_ndarray(
                wave.astype(np.float32)[None], format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = SOUND, first, Fraction(1, SOUND)
            container.mux(tone.encode(frame))
        for stream in (film, tone):
            container.mux(stream.encode(None))
    return path


def _flash_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return next(
            float(frame.time)
            for frame in container.decode(video=0)
            if frame.to_ndarray(format="gray").mean() > 120
        )


def _tone_of(path: Path) -> float:
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.1)
            if len(loud):
                return float(frame.time) + float(loud[0]) / frame.sample_rate
    raise AssertionError("no tone")


def _whole(_: float) -> tuple[float, float, float, float]:
    return 200.0, 0.0, 202.5, 360.0


@pytest.mark.parametrize("start", [0.0, 2.2, 3.3])
@pytest.mark.parametrize("sound_from", [0.0, 1.0])
def test_the_sound_stays_within_one_frame_of_its_picture(
    start: float, sound_from: float, tmp_path: Path
) -> None:
    source = make_flash(tmp_path / "flash.mp4", sound_from=sound_from)
    target = tmp_path / "fancam.mp4"
    render(source, target, span=(start, 5.5), window_at=_whole)
    assert _flash_of(target) == pytest.approx(FLASH - start, abs=1 / RATE)
    assert abs(_tone_of(target) - _flash_of(target)) <= 1 / RATE
    with av.open(str(target)) as container:
        film, sound = container.streams.video[0], container.streams.audio[0]
        names = film.codec_context.name, sound.codec_context.name
        assert names == ("h264", "aac")
        lengths = [float(one.duration * one.time_base) for one in (film, sound)]
        assert lengths[0] == pytest.approx(5.5 - start, abs=0.1)
        assert abs(lengths[0] - lengths[1]) <= 0.05


def test_a_film_without_sound_gives_one_without(tmp_path: Path) -> None:
    source = make_film(tmp_path / "mute.mp4", seconds=2.0, rate=10)
    render(source, tmp_path / "out.mp4", span=(0.5, 1.5), window_at=lambda _: (0, 0, 67.5, 120))
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio
        assert len(list(container.decode(video=0))) == 10


def test_frames_keep_their_uneven_times(tmp_path: Path) -> None:
    times = [0, 40, 90, 300, 340, 900, 1000]
    source = make_film(tmp_path / "uneven.mp4", times_ms=times)
    render(source, tmp_path / "out.mp4", span=(0.08, 2.0), window_at=lambda _: (0, 0, 67.5, 120))
    with av.open(str(tmp_path / "out.mp4")) as container:
        found = [round(1000 * float(frame.time)) for frame in container.decode(video=0)]
    assert found == [at - 80 for at in times if at >= 80]


def test_it_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    source = make_flash(tmp_path / "flash.mp4", seconds=4.0)
    told: list[float] = []

    def tell(share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        render(source, tmp_path / "o.mp4", span=(0.0, 4.0), window_at=_whole, tell=tell)
    assert told == sorted(told)
    assert len(told) >= 2


def test_a_part_without_pictures_is_refused_in_words(tmp_path: Path) -> None:
    source = make_film(tmp_path / "short.mp4", seconds=1.0)
    with pytest.raises(VideoError, match="no picture"):
        render(source, tmp_path / "o.mp4", span=(5.0, 9.0), window_at=_whole)
    sound = make_sound(tmp_path / "s.mp4")
    with pytest.raises(VideoError, match="only sound"):
        render(sound, tmp_path / "o.mp4", span=(0.0, 1.0), window_at=_whole)


def test_the_window_is_cut_at_the_pixel_and_between_two() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[10:20, 30:40] = 200
    assert (cut_out(image, (30, 10, 10, 10), (10, 10)) == 200).all()
    assert (cut_out(image, (30, 10, 10, 10), (20, 20)) >= 100).all()
    between = cut_out(image, (29.5, 10, 10, 10), (10, 10))
    assert between[5, 0, 0] == 100
    assert (between[:, 1:] == 200).all()


@pytest.mark.parametrize(
    ("source", "size"),
    [
        pytest.param((1920, 1080), (608, 1080), id="wide HD"),
        pytest.param((3840, 2160), (1080, 1920), id="4K"),
        pytest.param((1080, 1920), (1080, 1920), id="tall HD"),
        pytest.param((640, 480), (270, 480), id="small"),
    ],
)
def test_a_fancam_has_the_pixels_that_the_source_has(
    source: tuple[int, int], size: tuple[int, int]
) -> None:
    assert output_size(*source) == size


def test_a_caption_lies_over_the_lower_edge(tmp_path: Path) -> None:
    source = make_film(tmp_path / "film.mp4", seconds=0.5)
    caption = np.zeros((20, 68, 4), np.uint8)
    caption[..., 0] = caption[..., 3] = 255
    render(
        source,
        tmp_path / "out.mp4",
        span=(0.0, 0.5),
        window_at=lambda _: (60, 0, 67.5, 120),
        caption=caption,
    )
    with av.open(str(tmp_path / "out.mp4")) as container:
        image = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert image[-10, 30, 0] > 200
    assert image[-40, 30, 0] < 60
