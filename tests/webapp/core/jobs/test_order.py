"""What is done first: a wake-up means "look at the table", and urgent work overtakes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.extension import stages
from webapp.core.jobs import Claim, tasks
from webapp.core.models import Job

RUN = f"{__name__}.note"
done: list[str] = []


def note(claim: Claim) -> None:
    """Write down what was done."""
    with jobs.finish(claim):
        done.append(claim.stage)


@pytest.fixture
def ranked(registry: dict[str, stages.Stage]) -> None:
    """Three stages of one kind of different rank, and two of other kinds."""
    done.clear()
    for rank, name in enumerate(("names", "emotions", "portrait")):
        stages.register(stages.Stage(name, RUN, queue="vision", rank=rank))
    stages.register(stages.Stage("long", RUN, queue="vision", time_limit_seconds=1800))
    stages.register(stages.Stage("elsewhere", RUN))


@pytest.mark.usefixtures("ranked")
def test_the_names_of_the_last_photo_do_not_wait_for_the_portraits_of_all_others(
    owner: User,
) -> None:
    portraits = [make_job(owner, "portrait") for _ in range(5)]
    last = make_job(owner, "names")

    tasks.perform(portraits[0].pk)

    last.refresh_from_db()
    assert last.state == Job.State.DONE
    assert done == ["names"]


@pytest.mark.usefixtures("ranked")
def test_one_wake_up_for_each_job_does_them_all_by_rank(owner: User) -> None:
    order = ["portrait", "emotions", "names"] * 4
    woken = [make_job(owner, name).pk for name in order]

    for pk in woken:
        tasks.perform(pk)

    assert done == ["names"] * 4 + ["emotions"] * 4 + ["portrait"] * 4
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.usefixtures("ranked")
@pytest.mark.parametrize("other", ["long", "elsewhere"])
def test_a_wake_up_never_does_work_of_another_worker_or_time_limit(owner: User, other: str) -> None:
    stranger = make_job(owner, other)
    job = make_job(owner, "portrait")

    tasks.perform(job.pk)
    tasks.perform(job.pk)

    stranger.refresh_from_db()
    assert stranger.state == Job.State.PENDING
    assert done == ["portrait"]


@pytest.mark.usefixtures("ranked")
def test_a_job_that_waits_to_be_tried_again_does_not_overtake(owner: User) -> None:
    broken = make_job(owner, "names")
    Job.objects.filter(pk=broken.pk).update(
        attempts=1, hint_due_at=timezone.now() + timedelta(seconds=60)
    )
    portrait = make_job(owner, "portrait")

    tasks.perform(portrait.pk)
    assert done == ["portrait"]

    tasks.perform(broken.pk)
    assert done == ["portrait", "names"]


@pytest.mark.usefixtures("ranked")
def test_of_equally_urgent_jobs_the_one_that_was_named_is_done(owner: User) -> None:
    make_job(owner, "names")
    second = make_job(owner, "names")

    tasks.perform(second.pk)

    second.refresh_from_db()
    assert second.state == Job.State.DONE


@pytest.mark.usefixtures("ranked", "db")
def test_a_job_that_somebody_holds_is_passed_over(owner: User) -> None:
    held = make_job(owner, "names")
    assert jobs.claim(held.pk) is not None
    waiting = make_job(owner, "names")

    tasks.perform(make_job(owner, "portrait").pk)

    waiting.refresh_from_db()
    assert waiting.state == Job.State.DONE


def test_names_come_first_then_emotions_then_portraits_then_videos() -> None:
    peers = {stage.name: stage.rank for stage in stages.peers("portrait")}

    ranked = sorted(peers, key=peers.__getitem__)
    waited_for = {"hide-bystanders", "person-masks", "predict"}
    assert set(ranked[:3]) == waited_for, "somebody waits for the answer"
    assert set(ranked[3:5]) == {"rematch", "catch-up"}
    photo_work = [name for name in ranked[5:] if name not in {"taste", "sort-faces", "train-group"}]
    after = ["portrait", "burst", "score-frames", "analyse-video"]
    assert photo_work == ["recognise", "emotions", *after]


@pytest.mark.usefixtures("ranked")
@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        pytest.param("names", True, id="more urgent"),
        pytest.param("long", True, id="more urgent, with a time limit of its own"),
        pytest.param("portrait", False, id="of the same rank"),
        pytest.param("elsewhere", False, id="for another worker"),
    ],
)
def test_a_long_stage_hears_that_more_urgent_work_waits_for_its_worker(
    owner: User, stage: str, expected: bool
) -> None:
    claim = jobs.claim(make_job(owner, "portrait").pk)
    assert claim is not None
    assert not jobs.is_overtaken(claim)
    other = make_job(owner, stage)
    assert jobs.is_overtaken(claim) is expected

    other.attempts, other.hint_due_at = 1, timezone.now() + timedelta(seconds=60)
    other.save()
    assert not jobs.is_overtaken(claim), "what waits to be tried again is not urgent"


def test_reels_overtake_whatever_else_waits_and_videos_end_their_slice_for_them() -> None:
    reel, video = stages.get("reel"), stages.get("analyse-video")
    assert reel.is_awaited
    assert reel.queue == video.queue
    assert reel.rank < video.rank


@pytest.mark.django_db
@pytest.mark.usefixtures("ranked")
def test_looking_for_urgent_work_does_not_read_what_is_done(owner: User) -> None:
    make_job(owner, "names")
    waiting = Job.objects.filter(state=Job.State.PENDING, stage="names").order_by("pk")

    assert "job_open" in waiting.explain()
