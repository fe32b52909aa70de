"""One question after another: is this her? And why a face was given its name."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp.access.rights import Right
from webapp.analysis.queries import faces_visible_to
from webapp.analysis.sorting.guesses import Guess, guesses_for
from webapp.analysis.sorting.reasons import nearest_references
from webapp.analysis.sorting.sureness import Sureness
from webapp.people.queries import references_visible_to


@require_safe
def guesses(request: HttpRequest) -> HttpResponse:
    """Show the page that asks; its script fetches the questions."""
    found, _ = guesses_for(request.user)
    context = {"page_title": gettext("Is this …?"), "has_guesses": bool(found)}
    return render(request, "analysis/guesses.html", context)


@require_safe
def next_guesses(request: HttpRequest) -> JsonResponse:
    """Answer the script with a few questions after a place (``?after=``)."""
    found, place = guesses_for(request.user, request.GET.get("after", ""))
    words = Sureness.of(request.user.pk or 0)
    return JsonResponse({"guesses": [_told(guess, words) for guess in found], "after": place})


def _told(guess: Guess, words: Sureness) -> dict[str, Any]:
    face, person = guess.face, guess.suggestion.person
    return {
        "face": face.pk,
        "crop": reverse("analysis:face-crop", args=[face.pk]) + "?large=1",
        "photo": reverse("analysis:photo", args=[face.photo_id]),
        "person": {
            "id": str(person.pk),
            "name": person.name,
            "group": person.group.name if person.group else "",
        },
        "references": [reverse("people:reference-crop", args=[one]) for one in guess.references],
        "word": words.word(face.embedder, guess.suggestion.similarity),
        "similarity": guess.suggestion.similarity,
    }


@require_safe
def why(request: HttpRequest, face_id: int) -> HttpResponse:
    """Send the nearest references of whom a face is named, as a part of the photo's page."""
    visible = faces_visible_to(request.user, Right.NAME).select_related("person")
    face = get_object_or_404(visible, pk=face_id)
    nearest = nearest_references(face)
    shown = references_visible_to(request.user, Right.NAME).filter(
        pk__in=[one.reference for one in nearest]
    )
    may_see = set(shown.values_list("pk", flat=True))
    nearest = [one for one in nearest if one.reference in may_see]
    context = {"face": face, "nearest": nearest}
    return render(request, "analysis/_why.html", context)
