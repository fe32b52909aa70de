"""Statistics of a star and of a concert."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp.access.rights import Right
from webapp.analysis.pages.statistics import (
    Companions,
    best_photos,
    charts_of,
    people_in,
    quality_rows,
    time_rows,
)
from webapp.analysis.statistics.facts import Facts
from webapp.analysis.statistics.keeping import Subject, statistics_of
from webapp.people.queries import people_visible_to
from webapp.photos.queries import concerts_visible_to


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show how often, when, how and with whom somebody was seen."""
    people = people_visible_to(request.user).select_related("owner")
    found = get_object_or_404(people, pk=person_id)
    page = reverse("analysis:person", args=[found.pk])
    return _show(request, found, {"star": found, "back_to": page})


@require_safe
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show the same of everybody at a concert."""
    visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    found = get_object_or_404(visible, pk=concert_id)
    page = reverse("analysis:concert", args=[found.pk])
    return _show(request, found, {"concert": found, "back_to": page})


def _show(request: HttpRequest, subject: Subject, context: dict[str, Any]) -> HttpResponse:
    counted = statistics_of(subject)
    shown = {
        "page_title": gettext("Statistics: %(name)s") % {"name": subject.name},
        "subject": subject,
        "counted": counted,
        "is_owner": subject.owner_id == request.user.pk,
    }
    if counted.facts is not None and counted.facts["photo_count"]:
        shown |= _numbers(counted.facts, subject)
    return render(request, "analysis/statistics.html", {**context, **shown})


def _numbers(facts: Facts, subject: Subject) -> dict[str, Any]:
    people = people_in(facts, subject.owner_id)
    charts = charts_of(facts, people)
    rows = zip(people, charts["together"], strict=True)
    return {
        "facts": facts,
        "charts": charts,
        "time_rows": time_rows(charts),
        "quality_rows": quality_rows(facts),
        "companions": [Companions(one, counts) for one, counts in rows],
        "best": best_photos(facts, subject),
    }
