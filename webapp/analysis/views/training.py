"""The page on which a group is trained for, and where it says whether that helps."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.analysis.names import group_training
from webapp.people.models import Group, GroupTraining
from webapp.people.queries import groups_visible_to


@require_safe
def page(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show what was tried for a group, on how many faces, and whether it is used."""
    group = _group(request, group_id)
    progress = group_training.progress_of(group)
    context: dict[str, Any] = {"group": group, "progress": progress}
    if progress.training and progress.training.figures:
        context |= _shown(progress.training)
    else:
        context["lacking"] = group_training.material_of(group).lacking(group)
    return render(request, "analysis/training.html", context)


@require_POST
def begin(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Begin to train for a group."""
    group = _group(request, group_id)
    if refusal := group_training.ask_for_training(group):
        messages.error(request, refusal)
    return redirect("analysis:training", group.pk)


@require_POST
def undo(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Let the gallery decide alone again."""
    group = _group(request, group_id)
    group_training.undo_training(group)
    messages.success(request, gettext("What was trained is deleted; the gallery decides alone."))
    return redirect("analysis:training", group.pk)


def _group(request: HttpRequest, group_id: UUID) -> Group:
    return get_object_or_404(groups_visible_to(request.user), pk=group_id)


def _shown(training: GroupTraining) -> dict[str, Any]:
    figures = training.figures
    right, strangers = gettext("Named right"), gettext("Strangers named")
    curve = [(f"{bar:.0%}", ours, theirs) for bar, ours, theirs in figures["curve"]]
    charts = {
        "labels": [label for label, *_ in curve],
        "shares": {
            right: [ours for _, ours, _ in curve],
            strangers: [theirs for *_, theirs in curve],
        },
    }
    rows = [
        (right, figures["gallery"]["right"], figures["opinion"]["right"], figures["known"]),
        (
            gettext("Named wrong"),
            figures["gallery"]["wrong"],
            figures["opinion"]["wrong"],
            figures["known"],
        ),
        (
            strangers,
            figures["gallery"]["strangers"],
            figures["opinion"]["strangers"],
            figures["strangers"],
        ),
    ]
    return {"figures": figures, "rows": rows, "curve": curve, "charts": charts}
