"""The path of a fancam: what it shows, how quietly it moves, and what it does when she is lost."""

import numpy as np
import pytest

from inference.fancam.path import HEAD_ROOM, TALL, Path, Sighting, plan, widest

RATE, LOOKS = 30, 8
SECONDS = 20.0
WIDE = (1920, 1080)


def _times(seconds: float = SECONDS) -> "np.ndarray":
    return np.arange(0.0, seconds, 1 / RATE)


def _dance(time: "np.ndarray | float", noise: "np.ndarray | float" = 0.0) -> "np.ndarray":
    """Middle of a face that runs over the stage and back, jumps, and never keeps still."""
    run = 960 + 700 * np.sin(0.7 * np.asarray(time))
    return run + 25 * np.sin(6 * np.asarray(time)) + noise


def _sightings(size: float = 60.0, noise: float = 4.0, lost: tuple[float, float] = (0, 0)):
    random = np.random.default_rng(7)
    made = []
    for time in np.arange(0.0, SECONDS, 1 / LOOKS):
        x = float(_dance(time, random.normal(0, noise)))
        y = 420 + float(random.normal(0, noise))
        box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
        made.append(Sighting(float(time), None if lost[0] <= time < lost[1] else box))
    return made


def _is_inside(path: Path) -> "np.ndarray":
    left, top, width, height = path.windows.T
    x1, y1, x2, y2 = path.faces.T
    tall = y2 - y1
    within = (left <= x1 + 0.5) & (x2 <= left + width + 0.5) & (y2 <= top + height + 0.5)
    return within & (top <= np.maximum(y1 - HEAD_ROOM * tall, 0) + 0.5)


@pytest.mark.parametrize("size", [20.0, 60.0, 200.0, 400.0])
def test_the_head_is_in_the_picture_wherever_she_is_seen(size: float) -> None:
    path = plan(_sightings(size), WIDE, _times())
    assert path.is_seen.all()
    assert _is_inside(path).mean() >= 0.98


def test_she_is_in_it_where_she_really_is_and_not_only_where_she_was_looked_at() -> None:
    path = plan(_sightings(), WIDE, _times())
    left, _, width, _ = path.windows.T
    middle = _dance(path.times)
    assert np.mean((left <= middle - 30) & (middle + 30 <= left + width)) >= 0.98


def test_the_window_never_leaves_the_picture_and_keeps_its_shape() -> None:
    for size in (WIDE, (1080, 1920), (640, 480), (3840, 2160), (500, 1200)):
        path = plan(_sightings(), size, _times())
        left, top, width, height = path.windows.T
        assert min(left.min(), top.min()) >= -1e-6
        assert (left + width).max() <= size[0] + 1e-6
        assert (top + height).max() <= size[1] + 1e-6
        assert np.allclose(width, TALL * height)


def test_the_window_does_not_tremble_although_the_boxes_do() -> None:
    path = plan(_sightings(noise=6.0), WIDE, _times())
    jerk = np.abs(np.diff(path.windows[:, 0], 2))
    assert np.sqrt((jerk**2).mean()) <= 0.6, "pixels a picture, squared"
    still = [Sighting(float(at), (900 + at % 0.25 * 20, 400, 960, 460)) for at in
             np.arange(0.0, SECONDS, 1 / LOOKS)]  # fmt: skip
    rest = plan(still, WIDE, _times())
    assert np.ptp(rest.windows[:, 0]) <= 4


def test_the_window_runs_ahead_of_a_star_who_runs() -> None:
    runs = [Sighting(at, (200 + 90 * at, 400, 260 + 90 * at, 460)) for at in
            np.arange(0.0, 15.0, 1 / LOOKS).tolist()]  # fmt: skip
    path = plan(runs, WIDE, _times(15.0))
    left, _, width, _ = path.windows.T
    middle = (path.faces[:, 0] + path.faces[:, 2]) / 2
    place = ((middle - left) / width)[150:300]
    assert place.max() < 0.5, "there is more room before her than behind her"


def test_when_she_is_lost_the_window_opens_to_the_widest_and_does_not_jump() -> None:
    path = plan(_sightings(size=40, lost=(8.0, 14.0)), WIDE, _times())
    assert not path.is_seen[int(9 * RATE) : int(13 * RATE)].any()
    assert path.windows[int(11 * RATE), 3] == pytest.approx(1080, rel=0.01)
    assert path.windows[int(3 * RATE), 3] < 1000
    assert np.abs(np.diff(path.windows[:, 0])).max() < 40
    assert _is_inside(path)[path.is_seen].mean() >= 0.98


def test_a_short_gap_is_no_loss() -> None:
    assert plan(_sightings(lost=(8.0, 9.0)), WIDE, _times()).is_seen.all()


def test_who_was_never_seen_is_not_followed_and_the_middle_is_not_claimed() -> None:
    path = plan([Sighting(0.0, None)], WIDE, _times(2.0))
    assert not path.is_seen.any()
    assert np.allclose(path.windows[:, 3], 1080)


def test_a_tall_film_is_shown_whole() -> None:
    assert widest(1080, 1920) == (1080, 1920)
    assert widest(*WIDE) == (607.5, 1080)
    assert widest(500, 1200) == pytest.approx((500, 888.9), abs=0.1)


def test_the_window_between_two_pictures_lies_between_theirs() -> None:
    path = plan(_sightings(), WIDE, _times())
    left = path.at(float(path.times[10:12].mean()))[0]
    assert sorted([path.windows[10, 0], left, path.windows[11, 0]])[1] == pytest.approx(left)
