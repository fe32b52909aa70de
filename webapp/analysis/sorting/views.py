"""What can be done to faces that are no stars, and what can be taken back."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Asker, Right
from webapp.analysis.models import Decision, DetectedFace
from webapp.analysis.names.merging import merges_of
from webapp.analysis.queries import faces_visible_to
from webapp.analysis.services import FaceGoneError
from webapp.analysis.sorting import dismissing, drawing, undoing
from webapp.analysis.sorting.decisions import KEEP_DAYS, undoable
from webapp.people.answers import done, refused
from webapp.people.names import PeopleError
from webapp.photos.queries import photos_visible_to

PAGE_SIZE = 60


@require_POST
def dismiss(request: HttpRequest, face_id: int) -> HttpResponse:
    """Put a face away; the field ``as`` says whether it is no face or nobody."""
    face = get_object_or_404(faces_visible_to(request.user, Right.NAME), pk=face_id)
    page = _page_of(face)
    try:
        reason = DetectedFace.Dismissal(request.POST.get("as") or "?")
    except ValueError:
        return refused(request, gettext("Say whether it is no face or nobody."), back_to=page)
    try:
        decision = dismissing.dismiss([face], reason)
    except FaceGoneError as error:
        raise Http404 from error
    answer = {"face": face_id, "dismissed": reason.value, "undo": decision.pk}
    return done(request, answer, back_to=page)


@require_POST
def bring_back(request: HttpRequest, face_id: int) -> HttpResponse:
    """Let a dismissed face count again."""
    face = get_object_or_404(faces_visible_to(request.user, Right.NAME), pk=face_id)
    try:
        dismissing.bring_back(face)
    except FaceGoneError as error:
        raise Http404 from error
    page = reverse("analysis:dismissed")
    return done(request, {"face": face_id}, back_to=page, message=gettext("The face is back."))


@require_safe
def dismissed(request: HttpRequest) -> HttpResponse:
    """Show the faces that were put away, the last first."""
    pages = Paginator(dismissing.dismissed_visible_to(request.user), PAGE_SIZE)
    context = {
        "page_title": gettext("Dismissed faces"),
        "faces": pages.get_page(request.GET.get("page")),
    }
    return render(request, "analysis/dismissed.html", context)


@require_POST
def draw(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Add a face that was missed; ``box`` holds its four edges as shares of the photo."""
    photo = get_object_or_404(photos_visible_to(request.user, Right.NAME), pk=photo_id)
    page = reverse("analysis:photo", args=[photo_id])
    try:
        shares = [float(word) for word in request.POST.get("box", "").split()]
        face = drawing.draw_face(photo, shares)
    except ValueError:
        return refused(request, gettext("Draw a box around the face."), back_to=page)
    except drawing.BadBoxError as error:
        return refused(request, str(error), back_to=page)
    return done(request, {"face": face.pk}, back_to=page, status=201)


@require_safe
def undo_list(request: HttpRequest) -> HttpResponse:
    """Show what can still be undone, the last first."""
    owner_id = request.user.pk or 0
    pages = Paginator(undoable(owner_id).select_related("person"), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page_title": gettext("Undo"),
        "decisions": page,
        "merges": [] if page.has_previous() else merges_of(owner_id),
        "keep_days": KEEP_DAYS,
    }
    return render(request, "analysis/undo_list.html", context)


@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take a decision back."""
    decision = _undoable_by(request.user, decision_id)
    page = reverse("analysis:undo-list")
    try:
        undoing.undo(decision)
    except PeopleError as error:
        return refused(request, str(error), back_to=page, status=409)
    return done(request, {}, back_to=page, message=gettext("Taken back."))


def _undoable_by(user: Asker, decision_id: int) -> Decision:
    """Return a decision that this user may take back: an own one, or one of a curator's faces."""
    decision = get_object_or_404(Decision, pk=decision_id)
    if decision.owner_id != user.pk:
        faces = {face["id"] for face in decision.before["faces"]}
        nameable = faces_visible_to(user, Right.NAME).filter(pk__in=faces).count()
        if not faces or nameable < len(faces):
            raise Http404
    return get_object_or_404(undoable(decision.owner_id), pk=decision_id)


def _page_of(face: DetectedFace) -> str:
    return reverse("analysis:photo", args=[face.photo_id])
