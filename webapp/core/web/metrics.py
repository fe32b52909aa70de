"""Numbers for Prometheus, gathered when it asks: from the job table and the signs of life.

Any web process answers for all processes, as up to ten seconds ago. No label names a person, a
user or a file.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from webapp.core.models import Heartbeat, Job
from webapp.core.processes import heartbeats

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = {"127.0.0.1", "::1"}
SIGNS_OF_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


def may_read(request: HttpRequest) -> bool:
    """Whether the request carries the token or, where there is none, comes from this machine.

    What a proxy of this machine passes on comes from anywhere.
    """
    if settings.METRICS_TOKEN:
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        return word.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)
    is_passed_on = settings.TRUSTED_PROXIES or settings.HTTPS
    is_passed_on = is_passed_on or any(name in request.headers for name in SIGNS_OF_A_PROXY)
    return not is_passed_on and request.META.get("REMOTE_ADDR") in LOOPBACK


def text() -> bytes:
    """Return all numbers in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Numbers())
    return generate_latest(registry)


class _Numbers:
    """Everything that is told, read from the database once for each answer."""

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance, so that registering reads no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read and tell."""
        yield from _queue()
        now = timezone.now()
        beats = list(Heartbeat.objects.order_by("name"))
        yield _silence(beats, now)
        alive = [
            beat
            for beat in beats
            if (now - beat.seen_at).total_seconds() <= heartbeats.LATE_AFTER_SECONDS
        ]
        yield from _counted(alive)
        yield from _disk()


def _queue() -> Iterator[Metric]:
    depth = GaugeMetricFamily("encore_jobs", "Jobs that are not done.", labels=["stage", "state"])
    age = GaugeMetricFamily(
        "encore_jobs_oldest_seconds", "How long the oldest pending job waits.", labels=["stage"]
    )
    # Named one by one, so that an index leads past the many that are done.
    states = [state for state in Job.State if state != Job.State.DONE]
    rows = (
        Job.objects.filter(state__in=states)
        .values_list("stage", "state")
        .annotate(count=Count("pk"), oldest=Min("updated_at"))
        .order_by("stage", "state")
    )
    now = timezone.now()
    for stage, state, count, oldest in rows:
        depth.add_metric([stage, state], count)
        if state == Job.State.PENDING:
            age.add_metric([stage], (now - oldest).total_seconds())
    return iter((depth, age))


def _silence(beats: Iterable[Heartbeat], now: datetime) -> Metric:
    silence = GaugeMetricFamily(
        "encore_process_silent_seconds", "Since a process was heard of.", labels=["process"]
    )
    for beat in beats:
        silence.add_metric([beat.name], (now - beat.seen_at).total_seconds())
    return silence


def _counted(beats: Iterable[Heartbeat]) -> Iterator[Metric]:
    frames = CounterMetricFamily(
        "encore_live_frames",
        "What became of cameras' frames.",
        labels=["process", "fate"],
    )
    sockets = GaugeMetricFamily(
        "encore_sockets", "Websockets that are open.", labels=["process", "kind"]
    )
    stages = SummaryMetricFamily(
        "encore_stage_seconds", "How long jobs ran.", labels=["process", "stage"]
    )
    for beat in beats:
        counted = beat.detail.get("counts", {})
        for fate, number in sorted(counted.get("frames", {}).items()):
            frames.add_metric([beat.name, fate], number)
        for kind, number in sorted(counted.get("sockets", {}).items()):
            sockets.add_metric([beat.name, kind], number)
        seconds = counted.get("stage_seconds", {})
        for stage, number in sorted(counted.get("stage_runs", {}).items()):
            stages.add_metric([beat.name, stage], number, seconds.get(stage, 0.0))
    return iter((frames, sockets, stages))


def _disk() -> Iterator[Metric]:
    usage = shutil.disk_usage(settings.MEDIA_ROOT)
    yield GaugeMetricFamily("encore_disk_free_bytes", "Where the photos lie.", value=usage.free)
    yield GaugeMetricFamily("encore_disk_bytes", "Where the photos lie.", value=usage.total)
