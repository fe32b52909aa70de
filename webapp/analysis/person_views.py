"""The page of one person, and the changes that reach into photos: merge, delete, forget."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.models import User
from webapp.analysis import erasure
from webapp.analysis.gallery_views import grid
from webapp.people.answers import done, refused
from webapp.people.queries import (
    groups_visible_to,
    people_visible_to,
    references_visible_to,
    with_counts,
)
from webapp.photos.queries import library_of

FORGET_WORD = "forget"


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show somebody's references and all photos they were found in."""
    found = get_object_or_404(with_counts(people_visible_to(request.user)), pk=person_id)
    photos = library_of(request.user).filter(pk__in=found.faces.values("photo_id").distinct())
    context = {
        "page_title": found.name,
        "person": found,
        "references": references_visible_to(request.user).filter(person=found).defer("embedding"),
        "others": people_visible_to(request.user).exclude(pk=person_id),
        "groups": groups_visible_to(request.user),
    }
    within = {"person": str(person_id)}
    return grid(request, photos, context, template="analysis/person.html", within=within)


@require_POST
def merge(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Make this person and another (field ``into``) one; the other's name stays."""
    source = get_object_or_404(people_visible_to(request.user), pk=person_id)
    page = reverse("analysis:person", args=[person_id])
    try:
        into = UUID(request.POST.get("into", ""))
    except ValueError:
        return refused(request, "Choose whom to merge with.", back_to=page)
    if into == person_id:
        return refused(request, "Choose somebody else to merge with.", back_to=page)
    target = get_object_or_404(people_visible_to(request.user), pk=into)
    erasure.merge_people(source, target)
    page = reverse("analysis:person", args=[into])
    return done(request, {"next": page}, back_to=page, message=f"Both are {target.name} now.")


@require_POST
def delete(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Delete a person, with references; nobody is named so any more."""
    found = get_object_or_404(people_visible_to(request.user), pk=person_id)
    name = found.name
    erasure.delete_person(found)
    page = reverse("people:list")
    return done(request, {"next": page}, back_to=page, message=f"{name} is forgotten.")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete every person, reference and embedding of the user and take consent back."""
    page = reverse("people:list")
    if request.POST.get("confirm", "").strip().casefold() != FORGET_WORD:
        return refused(request, f"Type the word {FORGET_WORD} to confirm.", back_to=page)
    count = erasure.forget_all_faces(cast(User, request.user))
    people = "person was" if count == 1 else "people were"
    return done(
        request,
        {"forgotten": count},
        back_to=page,
        message=f"{count} {people} forgotten, and recognition is off.",
    )
