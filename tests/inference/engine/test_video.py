"""A recorded video gives the same moments as a camera, in one go or in slices."""

from collections.abc import Iterator, Sequence

import pytest

from inference.engine.video import (
    LEAD_SECONDS,
    TAIL_SECONDS,
    EmotionSample,
    SeenTrack,
    WalkSettings,
    walk_video,
)
from inference.moments.candidates import ChosenMoment, EarlierMoment
from inference.moments.taste import Taste
from inference.types import RGBImage
from tests.inference.engine.fakes import gallery
from tests.inference.engine.test_moments import Smiles, smiling_picture

RATE = 8
WANTED = Taste()
PEAKS = (3.0, 8.5, 14.5, 19.0)


def video(start: float = 0.0, end: float = 24.0) -> Iterator[tuple[float, RGBImage]]:
    """Film somebody who smiles now and then."""
    for index in range(round(start * RATE), round(end * RATE)):
        time = index / RATE
        share = max((1 - abs(time - peak) / 0.8 for peak in PEAKS), default=0.0)
        look = sum(time > peak + 1 for peak in PEAKS)
        yield time, smiling_picture(max(share, 0.05), look)


def walk(
    frames: Iterator[tuple[float, RGBImage]], settings: WalkSettings | None = None
) -> tuple[list[ChosenMoment], list[EmotionSample]]:
    found = list(walk_video(frames, Smiles(), gallery("red"), settings or WalkSettings(WANTED)))
    return (
        [one for one in found if isinstance(one, ChosenMoment)],
        [one for one in found if isinstance(one, EmotionSample)],
    )


def times(moments: Sequence[ChosenMoment]) -> list[float]:
    return [moment.best.time for moment in moments]


def test_every_peak_of_a_video_is_a_moment_with_its_time() -> None:
    moments, _ = walk(video())
    assert times(moments) == pytest.approx(PEAKS, abs=0.13)
    assert [star.name for star in moments[0].stars] == ["Red"]
    assert moments[0].best.captured_at == pytest.approx(1000 * moments[0].best.time)


def test_a_moment_at_the_very_end_is_not_lost() -> None:
    moments, _ = walk(video(end=19.5))
    assert times(moments)[-1] == pytest.approx(19.0, abs=0.13)


def test_emotions_are_averaged_over_bins_of_five_seconds() -> None:
    _, samples = walk(video())
    assert [sample.second for sample in samples] == [0, 5, 10, 15, 20]
    assert all(sample.star.person == "red" for sample in samples)
    assert all(sum(sample.emotions.values()) == pytest.approx(1, abs=0.01) for sample in samples)
    assert samples[1].emotions["happy"] > samples[4].emotions["happy"]
    assert samples[1].count == 5 * RATE


def test_slices_give_what_one_walk_gives() -> None:
    whole, samples = walk(video())
    moments: list[ChosenMoment] = []
    in_slices: list[EmotionSample] = []
    for start in (0.0, 10.0, 20.0):
        earlier = [EarlierMoment("red", one.best.time, one.best.score) for one in moments]
        frames = video(max(start - LEAD_SECONDS, 0.0), min(start + 10 + TAIL_SECONDS, 24.0))
        found = walk(frames, WalkSettings(WANTED, start, start + 10, earlier))
        moments += found[0]
        in_slices += found[1]
    assert times(moments) == times(whole)
    assert [(one.second, one.count) for one in in_slices] == [
        (one.second, max(one.count, other.count))
        for one, other in zip(samples, in_slices, strict=True)
    ]


def test_moments_of_earlier_slices_keep_their_distance() -> None:
    earlier = [EarlierMoment("red", 1.5, 0.9)]
    moments, _ = walk(video(), WalkSettings(WANTED, earlier=earlier))
    assert times(moments)[0] == pytest.approx(8.5, abs=0.13)


def test_large_pictures_are_analysed_small_and_their_boxes_are_of_the_large_ones() -> None:
    large = ((time, picture.repeat(8, axis=0).repeat(8, axis=1)) for time, picture in video(end=5))
    (moment,), _ = walk(large)
    assert (moment.best.width, moment.best.height) == (2560, 1920)
    assert moment.best.box == pytest.approx((8 * 136, 8 * 76, 8 * 184, 8 * 124), abs=40)


def test_without_a_gallery_strangers_have_moments_and_no_samples() -> None:
    found = list(walk_video(video(end=6), Smiles(), None, WalkSettings(Taste(takes_anyone=True))))
    (moment,) = [one for one in found if isinstance(one, ChosenMoment)]
    assert moment.stars == ()
    assert not any(isinstance(one, EmotionSample) for one in found)


def test_every_face_is_told_with_its_path_and_its_sure_name_within_the_slice() -> None:
    found = list(walk_video(video(), Smiles(), gallery("red"), WalkSettings(WANTED, 5, 10)))
    (track,) = [one for one in found if isinstance(one, SeenTrack)]
    assert track.star is not None
    assert track.star.person == "red"
    seconds = [box[0] for box in track.boxes]
    assert (min(seconds), max(seconds)) == pytest.approx((5, 10), abs=0.2)
    assert track.boxes[0][1:] == pytest.approx((136 / 320, 76 / 240, 184 / 320, 124 / 240), abs=0.1)


def test_a_video_without_frames_gives_nothing() -> None:
    assert walk(iter(())) == ([], [])
