"""The page of one person, and the changes that reach into photos: merge, delete, forget."""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.models import User
from webapp.analysis import erasure
from webapp.analysis.names import merging
from webapp.analysis.pages.appearances import appearances_of
from webapp.analysis.sorting import forgetting
from webapp.analysis.sorting.decisions import KEEP_DAYS
from webapp.analysis.views.gallery import grid
from webapp.people.answers import done, refused
from webapp.people.models import Person, Reference
from webapp.people.queries import (
    groups_visible_to,
    people_visible_to,
    references_visible_to,
    with_counts,
)
from webapp.photos.queries import library_of

FORGET_WORD = "forget"
MOST_OVERRULED = 24


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show what somebody is called, where they were seen, their references and photos."""
    found = get_object_or_404(people_visible_to(request.user), pk=person_id)
    photos = library_of(request.user).filter(pk__in=found.faces.values("photo_id").distinct())
    references = _by_era(references_visible_to(request.user).filter(person=found))
    context = {
        "page_title": found.name,
        "person": found,
        "also": ", ".join(alias.name for alias in found.aliases.all()),
        "appearances": partial(appearances_of, request.user, found),  # Not for more cards.
        "references": references,
        "set_aside_count": sum(one.is_set_aside for one in references),
        "groups": groups_visible_to(request.user),
        "merges": merging.merges_into(found),
        "keep_days": KEEP_DAYS,
    }
    within = {"person": str(person_id)}
    return grid(
        request, photos, context, template="analysis/person.html", within=within, of=person_id
    )


def _by_era(references: QuerySet[Reference]) -> list[Reference]:
    """Return references without embeddings, those of one era together, each with its ``number``."""
    found = list(references.defer("embedding").order_by("era", "-quality", "id"))
    for number, reference in enumerate(found, start=1):
        reference.number = number  # type: ignore[attr-defined]
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Make this person and another (field ``into``) one; a GET shows what would come of it."""
    people = people_visible_to(request.user)
    source = get_object_or_404(people, pk=person_id)
    page = reverse("analysis:person", args=[person_id])
    try:
        into = UUID((request.POST or request.GET).get("into", ""))
    except ValueError:
        return refused(request, gettext("Choose whom to merge with."), back_to=page)
    if into == person_id:
        return refused(request, gettext("Choose somebody else to merge with."), back_to=page)
    target = get_object_or_404(people, pk=into)
    if request.method != "POST":
        both = {one.pk: one for one in with_counts(people.filter(pk__in=(person_id, into)))}
        return render(request, "people/merge.html", _preview(both[person_id], both[into]))
    merging.merge_people(source, target)
    page = reverse("analysis:person", args=[into])
    return done(
        request,
        {"next": page},
        back_to=page,
        message=gettext("Both are %(name)s now.") % {"name": target.name},
    )


def _preview(source: Person, target: Person) -> dict[str, Any]:
    """Return what a merge would do, for its page."""
    overruled = merging.overruled(source, target).select_related("face", "person")
    return {
        "page_title": gettext("Merge %(name)s into %(other)s")
        % {"name": source.name, "other": target.name},
        "source": source,
        "target": target,
        "both": (source, target),
        "overruled": overruled.order_by("face_id")[:MOST_OVERRULED],
        "overruled_count": overruled.count(),
        "ruled_out_count": source.rejections.exclude(face__person__in=(source, target)).count(),
        "keep_days": merging.KEEP_DAYS,
    }


@require_POST
def part(request: HttpRequest, person_id: UUID, merge_id: int) -> HttpResponse:
    """Undo a merge: make two people again of this one."""
    target = get_object_or_404(people_visible_to(request.user), pk=person_id)
    merged = get_object_or_404(merging.merges_into(target), pk=merge_id)
    source = merging.undo_merge(merged)
    page = reverse("analysis:person", args=[source.pk])
    message = gettext("%(name)s and %(other)s are two people again.") % {
        "name": source.name,
        "other": target.name,
    }
    return done(request, {"next": page}, back_to=page, message=message)


@require_POST
def delete(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Delete a person with references, to be undone for a while, or for ever (``for_ever=1``)."""
    found = get_object_or_404(people_visible_to(request.user), pk=person_id)
    name, page = found.name, reverse("people:list")
    if request.POST.get("for_ever") == "1":
        erasure.delete_person(found)
        return done(
            request,
            {"next": page},
            back_to=page,
            message=gettext("%(name)s is forgotten.") % {"name": name},
        )
    decision = forgetting.delete_for_now(found)
    message = gettext(
        "%(name)s is deleted. “Undo” on the page of people brings them back for %(keep_days)s days."
    ) % {"name": name, "keep_days": KEEP_DAYS}
    return done(request, {"next": page, "undo": decision.pk}, back_to=page, message=message)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete every person, reference and embedding of the user and take consent back."""
    page = reverse("accounts:account")
    if request.POST.get("confirm", "").strip().casefold() != FORGET_WORD:
        return refused(
            request,
            gettext("Type the word %(word)s to confirm.") % {"word": FORGET_WORD},
            back_to=page,
        )
    count = erasure.forget_all_faces(cast(User, request.user))
    return done(
        request,
        {"forgotten": count},
        back_to=page,
        message=ngettext(
            "%(count)s person was forgotten, and recognition is off.",
            "%(count)s people were forgotten, and recognition is off.",
            count,
        )
        % {"count": count},
    )
