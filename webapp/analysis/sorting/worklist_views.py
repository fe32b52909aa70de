"""The list of faces to sort: a group of faces is named, or put away, in one step."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.queries import has_consent
from webapp.analysis import services
from webapp.analysis.models import Decision, DetectedFace
from webapp.analysis.queries import faces_visible_to
from webapp.analysis.sorting import dismissing, worklist
from webapp.people.answers import done, refused
from webapp.people.names import PeopleError

CLUSTERS_A_PAGE = 8
LONERS_A_PAGE = 60
MOST_FACES = 1000
"""So many faces are decided about in one step."""

SHOWN_AT_FIRST = 24
NOTHING_CHOSEN = gettext_noop("Choose at least one face.")
GONE = gettext_noop("These faces are gone; they may have been deleted meanwhile. Reload the page.")


@require_safe
def work_list(request: HttpRequest) -> HttpResponse:
    """Show the groups of faces without a name, the largest first."""
    pages = Paginator(worklist.clusters_visible_to(request.user), CLUSTERS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    clusters = [(cluster, _members(request, cluster.pk)) for cluster in page]
    context = {
        "page_title": gettext("Faces to sort"),
        "page": page,
        "clusters": [(cluster, faces) for cluster, faces in clusters if faces],
        "face_count": worklist.faces_to_sort(request.user),
        "shown_at_first": f":{SHOWN_AT_FIRST}",
        "hidden_at_first": f"{SHOWN_AT_FIRST}:",
        "has_consent": has_consent(request.user.pk or 0),
    }
    return render(request, "analysis/work_list.html", context)


@require_safe
def loners(request: HttpRequest) -> HttpResponse:
    """Show the faces without a name that look like no other."""
    pages = Paginator(worklist.loners_visible_to(request.user), LONERS_A_PAGE)
    context = {
        "page_title": gettext("Faces on their own"),
        "page": pages.get_page(request.GET.get("page")),
    }
    return render(request, "analysis/loners.html", context)


def _members(request: HttpRequest, cluster_id: Any) -> list[DetectedFace]:
    faces = faces_visible_to(request.user).filter(
        pk__in=DetectedFace.objects.to_sort().filter(cluster=cluster_id).values("pk")
    )
    return list(faces.defer("embedding").order_by("-quality", "pk")[:MOST_FACES])


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Name the chosen faces (``faces``) as one, or put them away (``as``).

    Those of ``shown`` that were not chosen are taken out of their group.
    """
    page = reverse("analysis:work-list")
    chosen = _asked(request, "faces")
    if not chosen:
        return refused(request, gettext(NOTHING_CHOSEN), back_to=page)
    try:
        decision, said = _decided(request, chosen)
    except (PeopleError, ValueError) as error:
        return refused(request, str(error), back_to=page)
    except services.FaceGoneError:
        return refused(request, gettext(GONE), back_to=page, status=404)
    owner_id = request.user.pk or 0
    worklist.note_sorted(owner_id, chosen)
    others = {face.pk for face in _asked(request, "shown")} - {face.pk for face in chosen}
    worklist.take_out(faces_visible_to(request.user).filter(pk__in=others))
    answer = {"undo": decision.pk, "count": len(chosen), "said": said}
    return done(request, answer, back_to=page, message=said)


def _decided(request: HttpRequest, faces: list[DetectedFace]) -> tuple[Decision, str]:
    """Carry out what is asked for; returns it, and a sentence for the user."""
    many = ngettext("%(count)s face", "%(count)s faces", len(faces)) % {"count": len(faces)}
    reason = request.POST.get("as", "")
    if not reason:
        named = services.name_faces(
            faces, request.POST.get("name", ""), request.POST.get("group", "")
        )
        return named.decision, gettext("%(many)s named %(name)s.") % {
            "many": many,
            "name": named.person.name,
        }
    if reason not in (DetectedFace.Dismissal.NO_FACE, DetectedFace.Dismissal.NOBODY):
        raise ValueError(gettext("Say whether they are no faces or nobody."))
    decision = dismissing.dismiss(faces, DetectedFace.Dismissal(reason))
    return decision, gettext("%(many)s dismissed.") % {"many": many}


def _asked(request: HttpRequest, field: str) -> list[DetectedFace]:
    """Return the faces of this user that a field of the form names."""
    ids = [int(word) for word in request.POST.getlist(field)[:MOST_FACES] if _is_id(word)]
    return list(faces_visible_to(request.user).filter(pk__in=ids))


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 19
