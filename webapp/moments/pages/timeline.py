"""How emotions went over an evening: one curve per star and emotion, and the moments on it.

A concert may have several sources (sessions and videos), each with its own beginning; they are laid
on one clock. A single source is shown in seconds since it began.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from webapp import vision
from webapp.access.rights import Asker
from webapp.core.words.said import said
from webapp.live.models import LiveSession
from webapp.moments.models import SAMPLE_SECONDS, EmotionSample, Moment, Video
from webapp.moments.queries import moments_visible_to

MOST_POINTS = 300
"""Of one curve; longer evenings are averaged, or a page would weigh megabytes."""
MOST_MOMENTS = 1000
ROWS = 24
"""Of the table, at most and about."""


class Curve(TypedDict):
    """One star: ``seconds`` and, for each emotion, as many probabilities (0 to 1)."""

    person: str
    name: str
    seconds: list[int]
    emotions: dict[str, list[float]]


class Marker(TypedDict):
    """One moment on the chart."""

    url: str
    second: float
    people: list[str]
    emotion: str
    score: float | None
    reason: str


class Chart(TypedDict):
    """All that the chart shows.

    ``start`` is what a clock on the spot showed at second 0, written as if it were UTC so that no
    browser moves it; empty without a clock.
    """

    start: str
    curves: list[Curve]
    markers: list[Marker]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A session or a video.

    Attributes:
        id: Of the session or video.
        start: When its second 0 was.
    """

    id: UUID
    start: datetime


@dataclass(frozen=True, slots=True)
class _Reading:
    second: int
    emotions: dict[str, float]
    count: int


def page_of(moment: Moment) -> str:
    """Return where the owner of a moment looks at it."""
    return reverse("moments:moment", args=[moment.pk])


def chart_for(
    user: Asker,
    sessions: Sequence[LiveSession],
    videos: Sequence[Video],
    zone: tzinfo | None,
    address_of: Callable[[Moment], str] = page_of,
) -> Chart | None:
    """Return the chart of some sessions and videos of a user.

    Args:
        user: Whose they are.
        sessions: Live sessions.
        videos: Videos.
        zone: Where the clock hangs; ``None`` for a chart in seconds since its source began.
        address_of: Where a moment on the chart leads.

    Returns:
        ``None`` without any source.
    """
    sources = [Source(one.pk, one.started_at) for one in sessions]
    sources += [Source(one.pk, one.recorded_at or one.created_at) for one in videos]
    if not sources:
        return None
    within = Q(session__in=sessions) | Q(video__in=videos)
    samples = EmotionSample.objects.filter(within, owner_id=user.pk)
    moments = moments_visible_to(user).filter(within).prefetch_related("people")
    chart = make_chart(
        sources,
        samples.select_related("person").order_by("second"),
        moments.order_by("at")[:MOST_MOMENTS],
        vision.emotion_labels(),
        zone or UTC,
        address_of,
    )
    if zone is None:
        chart["start"] = ""
    return chart


def make_chart(
    sources: Sequence[Source],
    samples: Iterable[EmotionSample],
    moments: Iterable[Moment],
    labels: Sequence[str],
    zone: tzinfo = UTC,
    address_of: Callable[[Moment], str] = page_of,
) -> Chart:
    """Return the chart of one or several sources on one clock.

    Args:
        sources: At least one.
        samples: Of these sources, with ``person`` read along.
        moments: With a picture, with ``people`` read along.
        labels: The emotions, in the order in which they are offered.
        zone: Where the clock hangs.
        address_of: Where a moment on the chart leads.
    """
    start = min(source.start for source in sources)
    offsets = {one.id: (one.start - start).total_seconds() for one in sources}
    by_person: defaultdict[tuple[str, str], list[_Reading]] = defaultdict(list)
    for sample in samples:
        offset = offsets.get(sample.session_id or sample.video_id or UUID(int=0), 0.0)
        second = int(sample.second + offset) // SAMPLE_SECONDS * SAMPLE_SECONDS
        key = (sample.person.name, str(sample.person_id))
        by_person[key].append(_Reading(second, sample.emotions, sample.count))
    return {
        "start": start.astimezone(zone).replace(tzinfo=UTC).isoformat(),
        "curves": [_curve(*key, by_person[key], labels) for key in sorted(by_person)],
        "markers": [_marker(moment, offsets, address_of(moment)) for moment in moments],
        "labels": list(labels),
    }


def _curve(name: str, person: str, readings: list[_Reading], labels: Sequence[str]) -> Curve:
    span = max(one.second for one in readings) - min(one.second for one in readings)
    least = SAMPLE_SECONDS * (1 + span // (SAMPLE_SECONDS * MOST_POINTS))
    bins = _merged(readings, least, labels)
    return {
        "person": person,
        "name": name,
        "seconds": list(bins),
        "emotions": {
            label: [round(values[label], 3) for values in bins.values()] for label in labels
        },
    }


def _merged(
    readings: Iterable[_Reading], seconds: int, labels: Sequence[str]
) -> dict[int, dict[str, float]]:
    """Return the mean of each stretch of time in which anything was read, by how much was."""
    weights: defaultdict[int, int] = defaultdict(int)
    sums: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in readings:
        begin = one.second // seconds * seconds
        weight = max(one.count, 1)
        weights[begin] += weight
        for label in labels:
            sums[begin][label] += weight * one.emotions.get(label, 0.0)
    return {
        begin: {label: sums[begin][label] / weights[begin] for label in labels}
        for begin in sorted(weights)
    }


def _marker(moment: Moment, offsets: dict[UUID, float], url: str) -> Marker:
    offset = offsets.get(moment.session_id or moment.video_id or UUID(int=0), 0.0)
    return {
        "url": url,
        "second": round(moment.at_seconds + offset, 1),
        "people": [person.name for person in moment.people.all()],
        "emotion": moment.emotion,
        "score": None if moment.score is None else round(moment.score, 2),
        "reason": said(moment.reason),
    }


def table_of(chart: Chart) -> list[dict[str, Any]]:
    """Return the chart as rows of a table: each stretch of time with every star's main emotion."""
    seconds = [second for curve in chart["curves"] for second in curve["seconds"]]
    if not seconds:
        return []
    span = max(seconds) - min(seconds) + SAMPLE_SECONDS
    step = _round_step(span / ROWS)
    begins = range(min(seconds) // step * step, max(seconds) + 1, step)
    return [
        {
            "time": _said(chart["start"], begin),
            "cells": [_main_emotion(curve, begin, begin + step) for curve in chart["curves"]],
            "moments": [one for one in chart["markers"] if begin <= one["second"] < begin + step],
        }
        for begin in begins
    ]


def _said(start: str, second: int) -> str:
    """Return a time of the table: of the clock, or since the beginning without one."""
    if start:
        return f"{datetime.fromisoformat(start) + timedelta(seconds=second):%H:%M:%S}"
    return f"{second // 3600}:{second % 3600 // 60:02}:{second % 60:02}"


def _round_step(seconds: float) -> int:
    """Return a stretch that people say: 10 s, half a minute, a minute, five..."""
    steps = (10, 30, 60, 120, 300, 600, 900, 1800, 3600)
    return next((step for step in steps if step >= seconds), steps[-1])


def _main_emotion(curve: Curve, begin: int, end: int) -> str:
    """Return the emotion of the largest mean in a stretch, empty where nothing was read."""
    places = [place for place, second in enumerate(curve["seconds"]) if begin <= second < end]
    if not places:
        return ""
    means = {
        label: sum(values[place] for place in places) for label, values in curve["emotions"].items()
    }
    return max(means, key=means.__getitem__)
