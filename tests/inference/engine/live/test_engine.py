from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from inference.engine.live import engine as live
from inference.engine.live.engine import LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import Sighting
from inference.protocol.messages import Result
from inference.types import Embeddings
from tests.inference.engine.fakes import FakeModels, frame, gallery, jpeg, picture

STAGE = (1, "stage")


def open_engine(models: FakeModels | None = None) -> LiveEngine:
    engine = LiveEngine(models or FakeModels())
    engine.open(STAGE, "fans")
    engine.put_gallery(1, "fans", gallery("red", "green"))
    return engine


def show(engine: LiveEngine, *squares: tuple[str, int, int], number: int) -> Result:
    """Send one picture and return what the engine says about it."""
    assert engine.submit(frame(jpeg(picture(*squares)), number)) is None
    ((camera, answer),) = engine.step()
    assert camera == STAGE
    assert answer["type"] == "result"
    return answer


def names(result: Result) -> Sequence[str | None]:
    return [face["name"] for face in result["faces"]]


def test_a_frame_comes_back_with_its_number_its_size_and_its_faces() -> None:
    result = show(open_engine(), ("red", 100, 100), number=7)
    assert (result["frame"], result["camera"], result["captured_at"]) == (7, "stage", 7000 / 15)
    assert (result["width"], result["height"]) == (320, 240)
    (face,) = result["faces"]
    assert face["box"] == pytest.approx((76, 76, 124, 124), abs=3)
    assert face["landmarks"][2] == pytest.approx((100, 105), abs=3)


def test_a_face_is_named_within_three_frames_and_keeps_its_track() -> None:
    engine = open_engine()
    results = [show(engine, ("red", 100 + 5 * i, 100), number=i) for i in range(6)]
    assert names(results[-1]) == ["Red"]
    assert [names(result) for result in results].index(["Red"]) <= 3
    assert {face["track"] for result in results for face in result["faces"]} == {1}


def test_a_stranger_stays_unknown() -> None:
    engine = open_engine()
    results = [show(engine, ("blue", 100, 100), number=i) for i in range(6)]
    (face,) = results[-1]["faces"]
    assert (face["person"], face["name"], face["similarity"]) == (None, None, None)


def test_of_two_who_look_like_one_person_only_one_gets_the_name() -> None:
    engine = open_engine()
    squares = (("red", 80, 100), ("red", 220, 100))
    results = [show(engine, *squares, number=i) for i in range(8)]
    assert sorted(map(str, names(results[-1]))) == ["None", "Red"]


def test_emotions_come_smoothed_with_every_face() -> None:
    engine = open_engine()
    (face,) = show(engine, ("red", 100, 100), number=0)["faces"]
    assert face["emotion"] == "happy"
    assert face["emotions"] == {"happy": 0.9, "sad": 0.1}


def test_what_is_not_wanted_is_not_computed() -> None:
    models = FakeModels()
    engine = open_engine(models)
    for number in range(6):
        sent = frame(jpeg(picture(("red", 100, 100))), number)
        engine.submit(replace(sent, want=frozenset()))
        ((_, answer),) = engine.step()
    assert answer["type"] == "result"
    assert (answer["faces"][0]["name"], answer["faces"][0]["emotions"]) == (None, None)
    assert models.embedded == 0


def test_well_known_faces_are_followed_on_two_frames_of_three() -> None:
    models = FakeModels()
    engine = open_engine(models)
    results = []
    for number in range(12):
        engine.pace.every = 6
        results.append(show(engine, ("red", 100 + 5 * number, 100), number=number))
    searched = [number for number, result in enumerate(results) if result["detected"]]
    assert searched == [0, 2, 5, 8, 11]
    assert models.searches == ["whole", "coarse", "coarse", "whole", "coarse"]
    assert all(len(result["faces"]) == 1 and result["faces"][0]["is_seen"] for result in results)


def test_a_picture_without_faces_is_searched_on_every_second_frame() -> None:
    engine = open_engine()
    results = [show(engine, number=number) for number in range(8)]
    assert [result["detected"] for result in results] == [True, False] * 4


def test_a_known_face_is_looked_at_rarely() -> None:
    models = FakeModels()
    engine = open_engine(models)
    for number in range(15 * 20):
        show(engine, ("red", 100, 100), number=number)
    # A few looks at first, then one every few seconds.
    assert 4 <= models.embedded <= 12


def test_somebody_who_walks_in_is_found_within_five_frames() -> None:
    engine = open_engine()
    for number in range(60):
        show(engine, ("red", 100, 100), number=number)
    counts = [
        len(show(engine, ("red", 100, 100), ("green", 220, 100), number=60 + i)["faces"])
        for i in range(5)
    ]
    assert counts[-1] == 2


def test_a_camera_that_is_opened_again_begins_with_new_tracks() -> None:
    engine = open_engine()
    for number in range(5):
        show(engine, ("red", 100, 100), number=number)
    engine.close(STAGE)
    assert engine.cameras == 0
    engine.open(STAGE, "fans")
    result = show(engine, ("red", 100, 100), number=5)
    assert names(result) == [None]
    assert result["dropped"] == 0


def test_a_new_gallery_names_faces_that_are_already_followed() -> None:
    engine = open_engine()
    for number in range(6):
        show(engine, ("blue", 100, 100), number=number)
    assert engine.put_gallery(1, "fans", gallery("blue", revision=2))
    assert names(show(engine, ("blue", 100, 100), number=6)) == ["Blue"]


def test_an_old_revision_of_a_gallery_changes_nothing() -> None:
    engine = open_engine()
    engine.put_gallery(1, "fans", gallery("red", revision=5))
    assert not engine.put_gallery(1, "fans", gallery("blue", revision=5))
    for number in range(6):
        result = show(engine, ("red", 100, 100), number=number)
    assert names(result) == ["Red"]


def test_somebody_removed_from_the_gallery_loses_the_name_at_once() -> None:
    engine = open_engine()
    for number in range(6):
        show(engine, ("red", 100, 100), number=number)
    engine.put_gallery(1, "fans", gallery("green", revision=2))
    assert names(show(engine, ("red", 100, 100), number=6)) == [None]


def test_without_a_gallery_faces_are_found_and_not_named() -> None:
    engine = LiveEngine(FakeModels())
    engine.open(STAGE)
    for number in range(6):
        result = show(engine, ("red", 100, 100), number=number)
    assert names(result) == [None]


@pytest.mark.parametrize("part", ["detector", "embedder", "emotion"])
def test_a_missing_model_takes_only_its_own_part(part: str) -> None:
    engine = open_engine(FakeModels(missing=[part]))
    for number in range(6):
        result = show(engine, ("red", 100, 100), number=number)
    assert len(result["faces"]) == (0 if part == "detector" else 1)
    for face in result["faces"]:
        assert face["name"] == (None if part == "embedder" else "Red")
        assert face["emotion"] == (None if part == "emotion" else "happy")


def test_a_network_that_breaks_costs_the_frame_and_not_the_engine(
    caplog: pytest.LogCaptureFixture,
) -> None:
    models = FakeModels()
    engine = open_engine(models)
    models.breaks = True
    engine.submit(frame(number=1))
    assert engine.step() == [(STAGE, {"type": "dropped", "camera": "stage", "frame": 1})]
    assert "a step failed" in caplog.text
    models.breaks = False
    assert len(show(engine, ("red", 100, 100), number=2)["faces"]) == 1


def test_large_frames_are_analysed_small_and_answered_large() -> None:
    square = picture(("red", 160, 120)).repeat(8, axis=0).repeat(8, axis=1)
    engine = open_engine()
    engine.submit(frame(jpeg(square)))
    ((_, result),) = engine.step()
    assert result["type"] == "result"
    assert (result["width"], result["height"]) == (2560, 1920)
    assert result["faces"][0]["box"] == pytest.approx((1088, 768, 1472, 1152), abs=12)


def test_a_camera_whose_clock_stands_still_or_jumps_is_followed_all_the_same() -> None:
    engine = open_engine()
    data = jpeg(picture(("red", 100, 100)))
    for number, at in enumerate([0.0, 0.0, 1e15, -5.0, -5.0, 1e300]):
        engine.submit(frame(data, number, captured_at=at))
        ((_, result),) = engine.step()
        assert result["type"] == "result"
        assert len(result["faces"]) == 1


def test_too_many_cameras_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_CAMERAS", 1)
    engine = open_engine()
    answer = engine.open((1, "second"))
    assert answer is not None
    assert answer["code"] == "busy"
    assert engine.open(STAGE, "other") is None


def test_a_connection_takes_only_its_own_cameras_with_it() -> None:
    engine = open_engine()
    engine.open((2, "stage"))
    engine.submit(frame(client=1))
    engine.submit(frame(client=2))
    engine.leave(1)
    assert [camera for camera, _ in engine.step()] == [(2, "stage")]
    assert engine.cameras == 1


def test_cameras_of_one_step_share_one_forward_pass() -> None:
    models = FakeModels()
    engine = LiveEngine(models, max_batch=4)
    for number in range(4):
        for camera in "abcd":
            if number == 0:
                engine.open((1, camera))
            engine.submit(frame(jpeg(picture(("red", 100, 100))), number, camera))
        engine.step()
    assert len(models.refined) == 4
    assert max(models.refined) >= 2


def test_where_nobody_can_be_named_no_face_is_embedded() -> None:
    """An empty gallery is what the web process sends without consent to recognition."""
    models = FakeModels()
    engine = open_engine(models)
    engine.put_gallery(1, "fans", gallery(revision=2))
    for number in range(10):
        show(engine, ("red", 100, 100), number=number)
    assert models.embedded == 0
    engine.put_gallery(1, "fans", gallery("red", revision=3))
    results = [show(engine, ("red", 100, 100), number=number) for number in range(10, 16)]
    assert names(results[-1]) == ["Red"]


class Blended(FakeModels):
    """Sees somebody who is partly red and for the rest a stranger."""

    def __init__(self, *likenesses: float) -> None:
        super().__init__()
        self.likenesses = list(likenesses)

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        """Take the next likeness for each face; the last one for all that follow."""
        red, blue = np.eye(3, dtype=np.float32)[[0, 2]]
        rows = []
        for _ in sightings:
            share = self.likenesses.pop(0) if len(self.likenesses) > 1 else self.likenesses[0]
            rows.append(share * red + np.sqrt(1 - share**2) * blue)
        self.embedded += len(rows)
        return np.stack(rows).astype(np.float32)


def test_a_name_is_a_question_until_enough_looks_support_it() -> None:
    engine = open_engine(Blended(0.86))
    results = [show(engine, ("red", 100, 100), number=i) for i in range(60)]
    named = [face for result in results for face in result["faces"] if face["name"]]
    assert {face["name"] for face in named} == {"Red"}
    is_sure = [face["is_sure"] for face in named]
    assert (is_sure[0], is_sure[-1]) == (False, True)
    assert is_sure == sorted(is_sure), "once sure it stays so"


def test_a_stranger_whose_first_look_resembles_somebody_is_never_surely_named() -> None:
    engine = open_engine(Blended(0.88, 0.3))
    results = [show(engine, ("red", 100, 100), number=i) for i in range(60)]
    assert not any(face["is_sure"] for result in results for face in result["faces"])
    assert names(results[-1]) == [None]


def test_a_face_that_somebody_else_takes_the_place_of_is_another_track_with_their_name() -> None:
    engine = open_engine()
    for number in range(30):
        before = show(engine, ("red", 100, 100), number=number)
    for number in range(30, 30 + 60):
        after = show(engine, ("green", 100, 100), number=number)
    assert (names(before), names(after)) == (["Red"], ["Green"])
    assert before["faces"][0]["track"] != after["faces"][0]["track"]


def on_stage(colour: str, number: int, *, is_light_left: bool) -> Frame:
    """Film somebody in the middle, with a wall of light at one side that is no face."""
    image = picture((colour, 160, 120))
    image[:, : 120 if is_light_left else None][:, None if is_light_left else 200 :] = 90
    return frame(jpeg(image), number)


def test_after_a_cut_nobody_bears_the_name_of_who_stood_there_before() -> None:
    engine = open_engine()
    faces = []
    for number in range(64):
        is_before = number < 60
        colour = "red" if is_before else "green"
        engine.submit(on_stage(colour, number, is_light_left=is_before))
        ((_, answer),) = engine.step()
        assert answer["type"] == "result"
        faces.append(answer["faces"][0])
    assert (faces[59]["name"], faces[59]["is_sure"]) == ("Red", True)
    assert [face["name"] for face in faces[60:] if face["is_sure"] and face["name"] == "Red"] == []
    assert faces[63]["name"] == "Green"
