"""The peaks of a night: found by what the database adds up, told by what was read then."""

import pytest
from django.utils import timezone

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_sample, make_session
from webapp.accounts.models import User
from webapp.moments.models import EmotionSample, Video
from webapp.moments.pages.peaks import MOST_PEAKS, highs_of
from webapp.photos.models import Concert

pytestmark = pytest.mark.django_db


@pytest.fixture
def seoul(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


def _minutes(owner: User, concert: Concert) -> list[float]:
    return [(one.at - NOON).total_seconds() / 60 for one in highs_of(owner.pk, concert)]


@pytest.mark.parametrize(
    ("emotions", "expressed"),
    [
        pytest.param({"happy": 0.75, "neutral": 0.25}, 15.0, id="partly"),
        pytest.param({"neutral": 1.0}, 0.0, id="only neutral"),
        pytest.param({"happy": 1}, 20.0, id="neutral is not there"),
        pytest.param({}, 20.0, id="nothing is there"),
    ],
)
def test_the_database_works_out_how_much_was_expressed(
    owner: User, emotions: dict[str, float], expressed: float
) -> None:
    sample = make_sample(make_person(owner, "Lisa"), 0, 0.5, session=make_session(owner))
    sample.emotions, sample.count = emotions, 20
    sample.save()
    assert EmotionSample.objects.get(pk=sample.pk).expressed == pytest.approx(expressed)


def test_a_night_without_sessions_has_no_peaks(owner: User, seoul: Concert) -> None:
    make_sample(make_person(owner, "Lisa"), 0, 1.0, session=make_session(owner), count=20)
    assert highs_of(owner.pk, seoul) == []


def test_the_highest_are_told_in_their_order_and_apart(owner: User, seoul: Concert) -> None:
    lisa, session = make_person(owner, "Lisa"), make_session(owner, concert=seoul)
    for minute in range(12):
        make_sample(lisa, 60 * minute, minute / 12, session=session, count=20)
    found = _minutes(owner, seoul)
    assert (len(found), found) == (MOST_PEAKS, [3, 5, 7, 9, 11])


def test_much_of_few_readings_is_less_than_some_of_many(owner: User, seoul: Concert) -> None:
    lisa, session = make_person(owner, "Lisa"), make_session(owner, concert=seoul)
    make_sample(lisa, 0, 1.0, session=session, count=1)
    make_sample(lisa, 60, 0.5, session=session, count=50)
    assert _minutes(owner, seoul) == [1]


def test_a_peak_names_the_most_moved_first_and_what_they_expressed(
    owner: User, seoul: Concert
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rosé")
    session = make_session(owner, concert=seoul)
    make_sample(lisa, 0, 0.2, session=session, count=20)
    make_sample(rose, 5, 0.9, session=session, count=20)
    make_sample(lisa, 15, 0.0, session=session, count=20)  # The next stretch.
    high = highs_of(owner.pk, seoul)[0]
    assert (high.names, high.emotion) == (["Rosé", "Lisa"], "happy")


def test_of_a_video_its_own_clock_counts_and_the_bin_hides_it(owner: User, seoul: Concert) -> None:
    video = Video.objects.create(
        owner=owner, concert=seoul, recorded_at=NOON, display_name="night.mp4", sha256="f", bytes=1
    )
    make_sample(make_person(owner, "Lisa"), 120, 0.8, video=video, count=20)
    assert _minutes(owner, seoul) == [2]
    video.binned_at = timezone.now()
    video.save()
    assert _minutes(owner, seoul) == []
