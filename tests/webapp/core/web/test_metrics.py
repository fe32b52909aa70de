"""Numbers for Prometheus: who may read them, and that they are true."""

import multiprocessing
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core import counts
from webapp.core.jobs import tasks
from webapp.core.models import Heartbeat, Job
from webapp.core.processes import heartbeats

TOKEN = "a-long-token"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("extra", "status"),
    [
        pytest.param({}, 200, id="this machine"),
        pytest.param({"REMOTE_ADDR": "::1"}, 200, id="this machine by IPv6"),
        pytest.param({"REMOTE_ADDR": "192.168.1.7"}, 403, id="a neighbour"),
        pytest.param({"HTTP_X_FORWARDED_FOR": "8.8.8.8"}, 403, id="a stranger through a proxy"),
        pytest.param({"HTTP_VIA": "1.1 proxy"}, 403, id="through another proxy"),
        pytest.param({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200, id="a token nobody set"),
    ],
)
def test_without_a_token_only_this_machine_reads(
    client: Client, extra: dict[str, str], status: int
) -> None:
    assert client.get("/metrics", **extra).status_code == status  # type: ignore[arg-type]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("setting", [{"TRUSTED_PROXIES": 1}, {"HTTPS": True}])
def test_behind_a_proxy_nobody_reads_without_a_token(
    client: Client, setting: dict[str, object]
) -> None:
    with override_settings(**setting):
        assert client.get("/metrics").status_code == 403


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 403),
        ("Bearer wrong", 403),
        (f"Basic {TOKEN}", 403),
        ("Bearer \xe9", 403),
        (f"Bearer {TOKEN}", 200),
    ],
)
def test_with_a_token_only_its_holder_reads_from_anywhere(
    client: Client, header: str, status: int
) -> None:
    with override_settings(METRICS_TOKEN=TOKEN):
        answer = client.get("/metrics", REMOTE_ADDR="8.8.8.8", HTTP_AUTHORIZATION=header)
    assert answer.status_code == status


@pytest.mark.usefixtures("paint")
def test_the_depth_and_the_age_of_the_queue_are_told(owner: User, client: Client) -> None:
    for _ in range(3):
        make_job(owner, "paint")
    Job.objects.filter(pk=make_job(owner, "dry").pk).update(state=Job.State.DONE)
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    told = client.get("/metrics").content.decode()
    assert 'encore_jobs{stage="paint",state="pending"} 3.0' in told
    assert "dry" not in told
    ((age,),) = [
        [sample.value for sample in family.samples]
        for family in text_string_to_metric_families(told)
        if family.name == "encore_jobs_oldest_seconds"
    ]
    assert age == pytest.approx(60, abs=5)


@pytest.mark.usefixtures("db")
def test_what_processes_count_is_told_and_a_dead_one_is_silent(client: Client) -> None:
    counted = {
        "frames": {"answered": 7.0, "newer": 2.0},
        "sockets": {"events": 3.0},
        "stage_runs": {"recognise": 4.0},
        "stage_seconds": {"recognise": 6.0},
    }
    heartbeats.beat("web", {"counts": counted})
    heartbeats.beat("dead", {"counts": {"sockets": {"events": 99.0}}})
    Heartbeat.objects.filter(name="dead").update(seen_at=timezone.now() - timedelta(minutes=5))
    told = client.get("/metrics").content.decode()
    for line in (
        'encore_live_frames_total{fate="answered",process="web"} 7.0',
        'encore_sockets{kind="events",process="web"} 3.0',
        'encore_stage_seconds_count{process="web",stage="recognise"} 4.0',
        'encore_stage_seconds_sum{process="web",stage="recognise"} 6.0',
    ):
        assert line in told
    assert "99.0" not in told
    assert 'encore_process_silent_seconds{process="dead"} 30' in told


@pytest.mark.usefixtures("db")
def test_the_disk_is_told(client: Client) -> None:
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    disk = {family.name: family.samples[0].value for family in families if "disk" in family.name}
    assert 0 < disk["encore_disk_free_bytes"] <= disk["encore_disk_bytes"]


@pytest.mark.usefixtures("paint")
def test_a_job_that_was_done_counts_for_its_stage(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "stage_times", counts.StageTimes(["paint", "dry"]))
    tasks.perform(make_job(owner, "paint").pk)
    told = counts.totals()
    assert told["stage_runs"] == {"paint": 1}
    assert 0 < told["stage_seconds"]["paint"] < 5


def test_what_a_forked_child_counted_is_known_to_its_parent() -> None:
    times = counts.StageTimes(["paint", "dry"])
    child = multiprocessing.get_context("fork").Process(target=times.add, args=("dry", 1.5))
    child.start()
    child.join(10)
    assert times.totals() == {"stage_runs": {"dry": 1}, "stage_seconds": {"dry": 1.5}}


def test_what_is_counted_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "_totals", type(counts._totals)(counts._totals.default_factory))
    counts.add("sockets", "events")
    counts.add("sockets", "events")
    counts.add("sockets", "events", -1)
    assert counts.totals()["sockets"] == {"events": 1}
