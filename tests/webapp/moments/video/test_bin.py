"""Videos are thrown away and come back, with what came of them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.webapp.moments.video_cast import analyse, make_video, three_moments, use
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.moments import bin as moment_bin
from webapp.moments.emptying import expire
from webapp.moments.models import Moment, Reel, Video
from webapp.moments.queries import moments_visible_to, videos_visible_to
from webapp.moments.reel.services import reels_visible_to
from webapp.moments.video import bin
from webapp.moments.video import storage as video_storage
from webapp.moments.video.intake import VIDEOS
from webapp.moments.video.services import ANALYSE
from webapp.people.models import Person
from webapp.uploads.intake import Content

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def found(video: Video, star: Person, monkeypatch: pytest.MonkeyPatch) -> Video:
    """A video with three moments."""
    use(monkeypatch, three_moments(star))
    analyse(video)
    video.refresh_from_db()
    return video


def test_a_video_in_the_bin_is_nowhere_else_and_its_file_stays(found: Video, owner: User) -> None:
    Reel.objects.create(owner=owner, kind=Reel.Kind.FANCAM, video=found, photo_count=0)

    bin.throw(found)

    assert not videos_visible_to(owner).exists()
    assert not moments_visible_to(owner).exists()
    assert not reels_visible_to(owner).exists()
    assert video_storage.file_of(found.pk).is_file()


def test_it_comes_back_with_its_moments_but_not_with_those_thrown_away_before(
    found: Video, owner: User
) -> None:
    first = found.moments.order_by("at_seconds")[0]
    moment_bin.throw(owner.pk, [first.pk])
    shown = set(moments_visible_to(owner).values_list("pk", flat=True))

    bin.throw(found)
    assert bin.restore(found)

    assert set(moments_visible_to(owner).values_list("pk", flat=True)) == shown
    assert videos_visible_to(owner).get() == found


def test_an_analysis_rests_in_the_bin_and_goes_on_afterwards(owner: User) -> None:
    video = make_video(owner)
    bin.throw(video)
    assert not Job.objects.filter(stage=ANALYSE).exists()

    bin.restore(video)

    assert Job.objects.filter(stage=ANALYSE, state=Job.State.PENDING).count() == 1


def test_uploading_it_again_brings_it_back(found: Video, owner: User) -> None:
    bin.throw(found)

    assert VIDEOS.twin_of(owner, Content(found.sha256, "", found.bytes)) == found.pk
    assert VIDEOS.bring_back(owner, found.pk)
    assert videos_visible_to(owner).get() == found


def test_after_its_days_nothing_is_left_of_it(found: Video, owner: User) -> None:
    bin.throw(found)
    long_ago = timezone.now() - timedelta(days=settings.BIN_DAYS, minutes=1)
    Video.objects.update(binned_at=long_ago)

    assert expire() == 1
    assert not bin.videos_in_bin_of(owner).exists()


def test_the_page_throws_away_restores_and_deletes_for_ever(
    found: Video, as_owner: Client, owner: User
) -> None:
    url = f"/videos/{found.pk}/"
    as_owner.post(f"{url}delete/")
    assert as_owner.get(url).status_code == 404
    assert found.display_name in as_owner.get("/bin/videos/").content.decode()

    as_owner.post(f"{url}restore/")
    assert as_owner.get(url).status_code == 200

    as_owner.post(f"{url}delete/", {"for_ever": "1"})
    assert not Video.objects.exists()
    assert not Moment.objects.exists()


def test_emptying_the_bin_empties_it_of_videos(found: Video, as_owner: Client) -> None:
    bin.throw(found)

    as_owner.post("/bin/empty/")

    assert not bin.videos_in_bin_of(found.owner).exists()
    assert not bin.restore(found)
