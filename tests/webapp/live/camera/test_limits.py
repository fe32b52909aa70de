"""How fast a camera may send, and how many may film."""

from webapp.live.camera.limits import FrameRate, Places


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _rate(clock: Clock) -> FrameRate:
    return FrameRate(15, burst=30, patience=300, clock=clock)


def test_a_steady_camera_is_never_held_up() -> None:
    clock = Clock()
    rate = _rate(clock)
    for _ in range(15 * 60):
        clock.now += 1 / 15
        assert rate.allows()


def test_a_camera_that_stood_still_may_catch_up_once() -> None:
    clock = Clock()
    rate = _rate(clock)
    assert sum(rate.allows() for _ in range(100)) == 30
    clock.now += 1
    assert sum(rate.allows() for _ in range(100)) == 15
    assert not rate.is_exhausted


def test_a_flood_ends_patience_and_calm_restores_it() -> None:
    clock = Clock()
    rate = _rate(clock)
    for _ in range(331):
        rate.allows()
    assert rate.is_exhausted
    clock.now += 10
    rate.allows()
    assert not rate.is_exhausted


def test_a_camera_slightly_too_fast_is_dropped_from_but_not_closed_soon() -> None:
    clock = Clock()
    rate = _rate(clock)
    for _ in range(30 * 10):
        clock.now += 1 / 30
        rate.allows()
    assert not rate.is_exhausted


def test_places_are_counted_for_each_user_and_for_all() -> None:
    places = Places(lambda: 2, lambda: 3)
    assert [places.take(1) for _ in range(3)] == [True, True, False]
    assert [places.take(2), places.take(3)] == [True, False]
    places.give_back(1)
    assert places.take(3)
    assert len(places) == 3
