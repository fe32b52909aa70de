from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from inference.recognition.postprocessing import unchanged
from inference.tracking.naming import Name
from inference.tracking.tracker import CONFIRM_FRAMES, LOST_AFTER_SECONDS, MAX_TRACKS, Tracker
from inference.types import Embedding, EmotionPrediction, Face
from tests.inference.tracking.faces import face, person

STEP = 1 / 15
SPACE = unchanged(16, threshold=0.5)
WIDTH, HEIGHT = 640, 360


def search(
    tracker: Tracker,
    faces: Sequence[Face],
    time: float,
    embeddings: Mapping[int, Embedding] | None = None,
) -> None:
    """Show the tracker what a detector found; nothing is seen elsewhere."""
    missed = tracker.match(faces, time, embeddings)
    tracker.follow([(track, None) for track in missed], time)


def shown(tracker: Tracker, time: float) -> list[int]:
    return [track.id for track, _ in tracker.shown(time, WIDTH, HEIGHT)]


def standing(*places: float, frames: int = CONFIRM_FRAMES) -> tuple[Tracker, float]:
    """Return a tracker that knows faces at these places, and the time of its last frame."""
    tracker = Tracker(SPACE)
    for frame in range(frames):
        search(tracker, [face(x) for x in places], frame * STEP)
    return tracker, (frames - 1) * STEP


def test_a_face_keeps_its_number_while_it_moves() -> None:
    tracker = Tracker(SPACE)
    for frame in range(40):
        search(tracker, [face(50 + 12 * frame)], frame * STEP)
    assert [track.id for track in tracker.tracks] == [1]


def test_a_faint_face_is_shown_when_it_was_seen_on_three_frames() -> None:
    tracker = Tracker(SPACE)
    counts = []
    for frame in range(4):
        search(tracker, [face(100, score=0.75)], frame * STEP)
        counts.append(len(shown(tracker, frame * STEP)))
    assert counts == [0, 0, 1, 1]


def test_a_clear_face_is_shown_at_once() -> None:
    tracker = Tracker(SPACE)
    search(tracker, [face(100, score=0.95)], 0.0)
    assert shown(tracker, 0.0) == [1]


def test_a_face_seen_once_is_forgotten_on_the_next_frame() -> None:
    tracker, time = standing(100, frames=1)
    search(tracker, [], time + STEP)
    assert tracker.tracks == []


def test_a_confirmed_face_is_forgotten_a_second_after_it_was_seen() -> None:
    tracker, time = standing(100)
    search(tracker, [], time + LOST_AFTER_SECONDS - 0.01)
    assert len(tracker.tracks) == 1
    search(tracker, [], time + LOST_AFTER_SECONDS + 0.01)
    assert tracker.tracks == []


def test_a_number_is_never_used_twice() -> None:
    tracker, time = standing(100)
    search(tracker, [], time + 2)
    search(tracker, [face(100)], time + 3)
    assert [track.id for track in tracker.tracks] == [2]


def test_a_hidden_face_is_drawn_where_it_is_expected_and_then_no_more() -> None:
    tracker = Tracker(SPACE)
    for frame in range(6):
        search(tracker, [face(100 + 15 * frame)], frame * STEP)
    search(tracker, [], 6 * STEP)
    ((_, foretold),) = tracker.shown(6 * STEP, WIDTH, HEIGHT)
    centre = (foretold.box[0] + foretold.box[2]) / 2
    assert centre == pytest.approx(190, abs=3)
    assert foretold.landmarks.mean(axis=0)[0] == pytest.approx(centre, abs=3)
    assert shown(tracker, 10 * STEP) == []


def test_a_face_that_walks_out_is_not_drawn_outside_the_picture() -> None:
    tracker = Tracker(SPACE)
    for frame in range(6):
        search(tracker, [face(545 + 20 * frame)], frame * STEP)
    search(tracker, [], 6 * STEP)
    assert shown(tracker, 6 * STEP) == []


def test_two_people_who_pass_each_other_keep_their_numbers_by_where_they_go() -> None:
    tracker = Tracker(SPACE)
    for frame in range(30):
        left, right = face(100 + 14 * frame, y=100), face(506 - 14 * frame, y=145)
        search(tracker, [right, left], frame * STEP)
    ends = {round(track.face.box[0]): track.id for track in tracker.tracks}
    tracker_ids = {track.id for track in tracker.tracks}
    assert tracker_ids == {1, 2}
    # The face listed first was the one from the right, which is at the left now.
    assert ends[min(ends)] == 1


def test_people_who_meet_and_turn_back_keep_their_numbers_by_their_looks() -> None:
    """By place alone they would have passed through each other."""
    tracker, time = standing(200, 260)
    for index, track in enumerate(tracker.tracks):
        track.probe.add(person(index), 1.0, time)
    meeting = [face(228), face(236)]
    search(tracker, meeting, time + STEP, {0: person(1), 1: person(0)})
    places = {track.id: track.face for track in tracker.tracks}
    assert places[1] is meeting[1]
    assert places[2] is meeting[0]


def test_somebody_hidden_for_half_a_second_comes_back_elsewhere_with_the_same_number() -> None:
    tracker, time = standing(200)
    tracker.tracks[0].probe.add(person(0), 1.0, time)
    for frame in range(1, 8):
        search(tracker, [], time + frame * STEP)
    back = face(330)
    assert tracker.doubtful([back], time + 8 * STEP) == [0]
    search(tracker, [back], time + 8 * STEP, {0: person(0, noise=0.05)})
    assert [(track.id, track.face) for track in tracker.tracks] == [(1, back)]


def test_somebody_else_in_the_place_of_a_hidden_face_gets_a_number_of_their_own() -> None:
    tracker, time = standing(200)
    tracker.tracks[0].probe.add(person(0), 1.0, time)
    search(tracker, [], time + STEP)
    search(tracker, [face(203)], time + 2 * STEP, {0: person(1)})
    assert [track.id for track in tracker.tracks] == [1, 2]


def test_faces_apart_need_no_second_look() -> None:
    tracker, time = standing(100, 300, 500)
    for index, track in enumerate(tracker.tracks):
        track.probe.add(person(index), 1.0, time)
    assert tracker.doubtful([face(104), face(304), face(504)], time + STEP) == []


def test_faces_side_by_side_are_told_apart_by_a_second_look() -> None:
    tracker, time = standing(200, 235)
    for index, track in enumerate(tracker.tracks):
        track.probe.add(person(index), 1.0, time)
    assert tracker.doubtful([face(203), face(233)], time + STEP) == [0, 1]


def test_between_searches_a_face_is_followed_where_the_network_sees_it() -> None:
    tracker, time = standing(100)
    (track,) = tracker.tracks
    tracker.follow([(track, face(110))], time + STEP)
    assert track.seen_at == time + STEP
    assert track.face.box == face(110).box


def test_of_two_tracks_that_claim_one_face_the_one_that_expected_it_keeps_it() -> None:
    tracker, time = standing(100, 150)
    left, right = tracker.tracks
    tracker.follow([(left, face(145)), (right, face(148))], time + STEP)
    assert right.seen_at == time + STEP
    assert left.seen_at == time


def test_a_followed_track_does_not_take_a_face_that_the_detector_gave_to_another() -> None:
    tracker, time = standing(100, 150)
    left, right = tracker.tracks
    missed = tracker.match([face(151)], time + STEP)
    assert missed == [left]
    tracker.follow([(left, face(140))], time + STEP)
    assert (left.seen_at, right.seen_at) == (time, time + STEP)


def test_a_box_that_jumped_away_is_not_the_same_face() -> None:
    tracker, time = standing(100)
    (track,) = tracker.tracks
    tracker.follow([(track, face(155))], time + STEP)
    assert track.seen_at == time


def test_a_picture_full_of_faces_does_not_fill_the_memory() -> None:
    tracker = Tracker(SPACE)
    crowd = [face(70 * x, y=70 * y) for x in range(12) for y in range(12)]
    for frame in range(5):
        search(tracker, crowd, frame * STEP)
    assert len(tracker.tracks) == MAX_TRACKS


def test_a_new_face_is_expected_to_move_like_the_others_when_the_camera_pans() -> None:
    tracker = Tracker(SPACE)
    for frame in range(8):
        search(tracker, [face(500 - 30 * frame)], frame * STEP)
    search(tracker, [face(260), face(600, y=250, side=30)], 8 * STEP)
    expected = tracker.predict(tracker.tracks[1:], 9 * STEP)
    assert float(expected[0, [0, 2]].mean()) == pytest.approx(570, abs=4)


def test_no_faces_and_no_tracks_are_nothing_special() -> None:
    tracker = Tracker(SPACE)
    assert tracker.match([], 0.0) == []
    tracker.follow([], 0.0)
    assert tracker.doubtful([], 0.0) == []
    assert tracker.predict([], 0.0).shape == (0, 4)


def test_boxes_are_foretold_along_their_way_for_a_short_time_only() -> None:
    tracker = Tracker(SPACE)
    for frame in range(10):
        search(tracker, [face(100 + 10 * frame)], frame * STEP)
    (track,) = tracker.tracks
    last = 9 * STEP
    centres = [
        float(np.mean(tracker.predict([track], last + seconds)[0, [0, 2]]))
        for seconds in (STEP, 0.3, 5.0)
    ]
    assert centres[0] == pytest.approx(200, abs=1)
    assert centres[1] == pytest.approx(235, abs=4)
    assert centres[2] == centres[1]


@pytest.mark.parametrize(
    ("places", "frames", "is_calm"),
    [
        pytest.param([100, 300], CONFIRM_FRAMES, True, id="all well known"),
        pytest.param([100, 300], 1, False, id="just found"),
        pytest.param([], CONFIRM_FRAMES, False, id="nobody there"),
    ],
)
def test_a_picture_is_calm_when_all_its_faces_are_well_known(
    places: list[float], frames: int, is_calm: bool
) -> None:
    tracker, time = standing(*places, frames=frames)
    assert tracker.is_calm(time, WIDTH, HEIGHT) is is_calm


def test_a_hidden_face_disturbs_the_calm_unless_it_left_the_picture() -> None:
    tracker, time = standing(100, 300)
    search(tracker, [face(100)], time + STEP)
    assert not tracker.is_calm(time + STEP, WIDTH, HEIGHT)
    assert tracker.is_calm(time + STEP, 250, HEIGHT)


def test_a_track_that_goes_over_to_somebody_else_becomes_another_one() -> None:
    tracker, time = standing(200)
    (track,) = tracker.tracks
    tracker.look(track, person(0), time)
    track.name = Name("jisoo", 0.9, is_sure=True)
    track.emotions.update(EmotionPrediction({"happy": 1.0}, "happy"), time)
    tracker.look(track, person(1), time + STEP)
    assert (track.id, track.name is not None) == (1, True), "one odd look is no other person"
    tracker.look(track, person(1), time + 2 * STEP)
    assert (track.id, track.name, track.emotions.label) == (2, None, None)


def test_after_a_cut_everybody_is_looked_at_again_at_once() -> None:
    tracker, time = standing(200, 400)
    for track in tracker.tracks:
        tracker.look(track, person(0), time)
        track.look_at = time + 3.0
    tracker.doubt(time + STEP)
    assert all(track.look_at == time + STEP for track in tracker.tracks)
    assert all(track.probe.is_doubted for track in tracker.tracks)
