from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from inference.evaluation import film as film_evaluation
from inference.evaluation.clips.comparison import Run, Seen
from inference.evaluation.clips.film import FADE_FRAMES, RATE, SHOT_FRAMES, compose_film
from inference.evaluation.clips.making import HEIGHT, WIDTH, Clip
from inference.evaluation.film import (
    LATE_FRAMES,
    OUTCOMES,
    REFERENCES,
    cast_film,
    count_moments,
    count_tracks,
    wrong_share,
)
from inference.types import Face
from tests.inference.engine.fakes import SPACE, FakeModels, jpeg, picture

BOX = (100.0, 100.0, 140.0, 140.0)
PLACES = [[(120.0, 120.0, "lisa")]] * 4


class OneFace:
    """Sees a face in the middle of every picture."""

    name = "fake"

    def detect(self, image):
        middle = np.array([image.shape[1] / 2, image.shape[0] / 2])
        box = (*(middle - 40), *(middle + 40))
        return [Face(box, 0.999, np.tile(middle, (5, 1)).astype(np.float32))]


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    found = {}
    for number in range(4):
        found[f"star{number}"] = []
        for shot in range(REFERENCES + 2):
            path = folder / f"{number}-{shot}.png"
            cv2.imwrite(str(path), np.full((200, 160, 3), 60 * number + 10, np.uint8))
            found[f"star{number}"].append(path)
    return found


def film(people, seed=1):
    return compose_film(people, OneFace(), 3, seed)


def test_the_same_seed_composes_the_same_film(people):
    assert film(people).frames == film(people).frames
    assert film(people).frames != film(people, seed=2).frames


def test_every_frame_says_who_is_where_and_a_crossfade_shows_both_shots(people):
    clip = film(people)
    assert len(clip.frames) == len(clip.places) == 3 * SHOT_FRAMES
    assert clip.rate == RATE
    pixels = cv2.imdecode(np.frombuffer(clip.frames[0], np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    names = [sorted(name for _, _, name in places) for places in clip.places]
    before, after = names[SHOT_FRAMES - 1], names[SHOT_FRAMES + FADE_FRAMES]
    assert names[SHOT_FRAMES] == sorted(before + after)
    assert 1 <= len(after) <= 3


def test_no_reference_is_shown_and_half_of_the_people_are_enrolled(people):
    references, shown = cast_film(people, seed=3)
    assert len(references) == 2
    assert len(shown) == 4
    for name, paths in references.items():
        assert len(paths) == REFERENCES
        assert not set(paths) & set(shown[name])


def tracks(names, enrolled=("lisa",)):
    frames = [[Seen(BOX, name, track=1)] for name in names]
    return count_tracks(Clip("film", [b""] * 4, 12, PLACES), Run(frames), frozenset(enrolled))


@pytest.mark.parametrize(
    ("names", "enrolled", "outcome"),
    [
        ([None, "lisa", "lisa", "lisa"], ("lisa",), "right"),
        (["rose", "lisa", "lisa", "lisa"], ("lisa",), "wrong"),
        ([None] * 4, ("lisa",), "unknown"),
        ([None, None, "rose", None], ("rose",), "strangers_named"),
        ([None] * 4, ("rose",), "strangers_unknown"),
    ],
)
def test_one_wrong_name_makes_a_track_wrong(names, enrolled, outcome):
    counts = tracks(names, enrolled)
    assert counts.pop(outcome) == 1
    assert set(counts.values()) == {0}


def faded(names, enrolled):
    """Follow one track from lisa to rose, at the tenth frame."""
    places = [[(120.0, 120.0, "lisa" if number < 10 else "rose")] for number in range(len(names))]
    run = Run([[Seen(BOX, name, track=1)] for name in names])
    counts = count_tracks(Clip("film", [b""] * len(names), 12, places), run, frozenset(enrolled))
    return {outcome: count for outcome, count in counts.items() if count}


def test_a_track_that_a_crossfade_leads_to_somebody_else_counts_for_both():
    late = ["lisa"] * 10 + ["lisa"] * LATE_FRAMES
    assert faded(late + [None] * 10, ["lisa"]) == {"right": 1, "strangers_unknown": 1}
    assert faded(late + ["rose"] * 10, ["lisa", "rose"]) == {"right": 2}


def test_a_name_that_stays_longer_than_a_moment_in_front_of_somebody_else_is_wrong():
    stays = ["lisa"] * (10 + LATE_FRAMES + 1)
    assert faded(stays + [None] * 10, ["lisa"]) == {"right": 1, "strangers_named": 1}
    assert faded(stays + ["rose"] * 10, ["lisa", "rose"]) == {"right": 1, "wrong": 1}


def test_a_track_that_ends_a_moment_after_its_face_counts_once():
    places = [[(120.0, 120.0, "lisa")]] * 5 + [[]] * 4
    run = Run([[Seen(BOX, "lisa", track=1)]] * 9)
    counts = count_tracks(Clip("film", [b""] * 9, 12, places), run, frozenset(["lisa"]))
    assert counts.pop("right") == 1
    assert set(counts.values()) == {0}


def moment(name, time=0.1):
    star = SimpleNamespace(name=name) if name else None
    return SimpleNamespace(best=SimpleNamespace(star=star, time=time, box=BOX))


def test_moments_are_counted_by_who_is_in_the_picture():
    clip = Clip("film", [b""] * 4, 12, PLACES)
    found = count_moments(clip, [moment("lisa"), moment("rose"), moment(None)], frozenset(["lisa"]))
    assert (found["right"], found["wrong"], found["unknown"]) == (1, 1, 1)
    assert wrong_share(found) == 0.5


def test_nothing_named_is_nothing_wrong():
    assert wrong_share(tracks([None] * 4)) == 0.0


def test_a_film_is_followed_live_and_walked_as_a_video(tmp_path, monkeypatch):
    people = {}
    for colour in ("red", "green", "blue"):
        people[colour] = [tmp_path / f"{colour}{number}.png" for number in range(REFERENCES + 1)]
        for path in people[colour]:
            path.write_bytes(jpeg(picture((colour, 85, 85), width=170, height=170)))
    monkeypatch.setattr(film_evaluation, "ShippedModels", FakeModels)
    monkeypatch.setattr(film_evaluation, "load_detector", lambda _name: FakeModels())
    monkeypatch.setattr(film_evaluation, "people_of", lambda _data: people)
    monkeypatch.setattr(film_evaluation, "library_postprocessing", lambda *_: SPACE)

    section = film_evaluation.evaluate(tmp_path, shots=3, seed=4)

    tracks = section.metrics["live_tracks"]
    assert sum(tracks[outcome] for outcome in OUTCOMES) >= 1, "a square in white light is followed"
    assert 0.0 <= tracks["wrong_share"] <= 1.0
    assert set(section.metrics) == {"live_tracks", "video_moments"}
    assert "1 of its 3 people" in section.markdown
