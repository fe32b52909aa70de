"""Frames that come without a score get one, and the best of all becomes the picture."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone

from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_frame, make_moment
from webapp.accounts.models import User
from webapp.core.jobs import tasks
from webapp.core.models import Event, Job
from webapp.live.models import LiveSession
from webapp.moments import services
from webapp.moments.capture import scoring
from webapp.moments.models import Moment, MomentFrame
from webapp.photos.arrival.destinations import readable
from webapp.photos.models import Photo
from webapp.vision.chosen import ChosenFrame
from webapp.vision.models.alternates import FrameFile
from webapp.vision.values import UnavailableError

pytestmark = pytest.mark.django_db


class FakeJudge:
    """Gives every frame without a score the same one."""

    def __init__(self) -> None:
        self.score = 0.9
        self.asked: list[FrameFile] = []

    def __call__(self, frames: Sequence[FrameFile], weights: Any) -> list[ChosenFrame]:
        self.asked = list(frames)
        return [
            ChosenFrame(
                one.number,
                one.captured_at,
                self.score,
                {"eyes": 1.0},
                "sharp",
                (0.1, 0.1, 0.2, 0.2),
            )
            for one in frames
            if one.score is None
        ]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    fake = FakeJudge()
    monkeypatch.setattr(scoring, "score_frames", fake)
    return fake


@pytest.fixture
def moment(owner: User) -> Moment:
    """One with a picture of 0.7, and a frame at its peak that comes now."""
    session = LiveSession.objects.create(owner=owner)
    return make_moment(owner, session=session, reason="eyes open")


def bring(moment: Moment, **fields: Any) -> MomentFrame:
    photo = make_photo(moment.owner, shelf=Photo.Shelf.ALTERNATE)
    values = {"score": None, "terms": {}, "reason": "", "box": [], "is_peak": True, **fields}
    frame = make_frame(moment, photo, **values)
    readable.send(photo.pk)
    return frame


def score_frames_that_came() -> None:
    """Do the one job that waits; what the new picture needs afterwards is left alone."""
    tasks.perform(Job.objects.get(state=Job.State.PENDING).pk)


def ticked(moment: Moment) -> MomentFrame:
    return moment.frames.get(is_picked=True)


def test_a_better_frame_becomes_the_picture_with_its_score_on_card_and_page(
    moment: Moment, judge: FakeJudge
) -> None:
    frame = bring(moment)
    score_frames_that_came()

    frame.refresh_from_db()
    moment.refresh_from_db()
    assert (frame.score, frame.reason, frame.box) == (0.9, "sharp", [0.1, 0.1, 0.2, 0.2])
    assert ticked(moment) == frame
    assert (moment.score, moment.reason, moment.photo) == (0.9, "sharp", frame.photo)
    assert Photo.objects.get(pk=frame.photo_id).shelf == Photo.Shelf.MOMENT
    told = Event.objects.get(kind="moment_scored")
    assert (told.subject_id, told.payload["photo"]) == (moment.pk, str(frame.photo_id))
    assert [one.score for one in judge.asked if one.box] == [0.7, 0.5, 0.5]


@pytest.mark.parametrize(
    ("score", "fields"),
    [
        pytest.param(0.6, {}, id="a worse one"),
        pytest.param(0.71, {}, id="one about as good"),
        pytest.param(0.9, {"kind": Moment.Kind.MANUAL}, id="captured by hand"),
        pytest.param(0.9, {"judged_at": timezone.now()}, id="liked before"),
    ],
)
def test_the_picture_stays_where_it_is_good_enough_or_the_user_has_decided(
    moment: Moment, judge: FakeJudge, score: float, fields: dict[str, Any]
) -> None:
    Moment.objects.filter(pk=moment.pk).update(**fields)
    before, judge.score = ticked(moment), score
    frame = bring(moment)
    score_frames_that_came()

    frame.refresh_from_db()
    moment.refresh_from_db()
    assert frame.score == score
    assert ticked(moment) == before
    assert (moment.score, moment.photo) == (0.7, before.photo)


def test_a_scored_frame_is_no_longer_taken_for_the_best(moment: Moment, judge: FakeJudge) -> None:
    judge.score = 0.2
    bring(moment)
    score_frames_that_came()
    services.like_moment(moment)
    services.unlike_moment(moment)
    moment.refresh_from_db()
    assert moment.judged_at is None, "its picture is its best frame, so nobody picked it by hand"


def test_a_frame_whose_face_is_not_found_stays_without_a_score(
    moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "score_frames", lambda *_: [])
    frame = bring(moment, is_peak=False)
    score_frames_that_came()
    frame.refresh_from_db()
    assert frame.score is None
    assert Job.objects.get(stage=scoring.STAGE).state == "done"


def test_a_missing_model_is_said_in_words(moment: Moment, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> list[ChosenFrame]:
        raise UnavailableError("The search for moments is unavailable.")

    monkeypatch.setattr(scoring, "score_frames", missing)
    bring(moment)
    score_frames_that_came()
    assert Job.objects.get(stage=scoring.STAGE).error == "The search for moments is unavailable."


def test_frames_of_videos_and_bursts_are_left_alone(owner: User, judge: FakeJudge) -> None:
    bring(make_moment(owner))
    bring(make_moment(owner, kind=Moment.Kind.BURST))
    assert not Job.objects.filter(stage=scoring.STAGE).exists()
