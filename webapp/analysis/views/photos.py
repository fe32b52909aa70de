"""The page of one photo, and what can be done to it."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp import vision
from webapp.access.rights import Right, likes_of, standing_of
from webapp.access.services import set_like
from webapp.accounts.asker import signed_in
from webapp.accounts.queries import has_consent
from webapp.analysis import erasure, services, subjects
from webapp.analysis.models import Portrait
from webapp.analysis.pages.gallery import GalleryFilter, neighbours
from webapp.analysis.queries import faces_of, jobs_of, suggestions_for
from webapp.analysis.search.views import found_by
from webapp.analysis.showing import one_by_one
from webapp.analysis.sorting.sureness import Sureness
from webapp.core import events
from webapp.core.extension import stages
from webapp.core.web.paging import BadQueryError
from webapp.people.answers import done, refused
from webapp.photos import bin
from webapp.photos.models import Photo
from webapp.photos.queries import library_of, photos_visible_to
from webapp.photos.services import INGEST
from webapp.photos.storage import files_of


@require_safe
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Show a photo with its faces, portrait and neighbours in the grid it was opened from."""
    last_event_id = events.last_id()  # Read first: what happens from here on is told by the socket.
    visible = photos_visible_to(request.user, Right.SEE)
    visible = visible.annotate(others_of_burst=Count("stacked"))
    found = get_object_or_404(visible.select_related("concert", "owner"), pk=photo_id)
    wanted = GalleryFilter.from_query(request.GET)
    newer, older = neighbours(same_grid(request, found), found, wanted.ordering)
    query = request.GET.urlencode()
    jobs = jobs_of(found)
    portrait = Portrait.objects.filter(photo=found).first()
    faces = faces_shown(request, found)
    likes, is_liked = likes_of(request.user, found)
    context = {
        "photo": found,
        "last_event_id": last_event_id,
        "portrait": portrait,
        "subject": subjects.choice_of(found, portrait, faces["faces"]) if portrait else None,
        "is_drawing": any(job.stage == "portrait" for job in jobs.open),
        "previous_photo": newer,
        "next_photo": older,
        "photo_query": f"?{query}" if query else "",
        "open_jobs": jobs.open,
        "failed_jobs": jobs.failed,
        "has_original": files_of(photo_id).original.exists(),
        "portrait_failed": any(job.stage == "portrait" for job in jobs.failed),
        "likes": likes,
        "is_liked": is_liked,
        **faces,
    }
    return render(request, "analysis/photo.html", context)


def same_grid(request: HttpRequest, photo: Photo) -> QuerySet[Photo]:
    """Return the photos among which the user walks left and right from one.

    A photo of somebody else is never left for others than those of its concert.
    """
    photos = GalleryFilter.from_query(request.GET).apply(library_of(photo.owner), one_by_one)
    photos = found_by(request.user, photos, request.GET.get("q", ""), one_by_one)
    if photo.owner_id != request.user.pk:
        return photos.filter(concert=photo.concert)
    raw = request.GET.get("concert", "")
    if not raw:
        return photos
    try:
        return photos.filter(concert_id=UUID(raw))
    except ValueError as error:
        raise BadQueryError(gettext("There is no such concert.")) from error


def faces_shown(request: HttpRequest, photo: Photo) -> dict[str, Any]:
    """Return what the page says about faces, and why names may be missing."""
    faces = faces_of(photo)
    standing = standing_of(request.user, photo)
    owner = request.user if standing.is_owner else photo.owner
    suggestions = suggestions_for(owner, faces) if standing.may_name else {}
    is_guessed = any(face.similarity is not None for face in faces)
    words = Sureness.of(photo.owner_id) if is_guessed else Sureness({})
    for face in faces:
        face.suggestions = suggestions.get(face.pk, [])  # type: ignore[attr-defined]
        face.word = words.word(face.embedder, face.similarity)  # type: ignore[attr-defined]
    consented = has_consent(photo.owner_id)
    unprepared = consented and any(
        not face.embedder and not face.is_decided_by_user for face in faces
    )
    return {
        "faces": faces,
        "standing": standing,
        "has_consent": consented,
        "names_missing": unprepared,
        "can_recognise": unprepared and vision.has_embedder(),
    }


@require_POST
def delete(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Put a photo into the bin, or delete it and all that came of it at once (``for_ever=1``)."""
    found = get_object_or_404(photos_visible_to(request.user), pk=photo_id)
    concert_id, is_for_ever = found.concert_id, request.POST.get("for_ever") == "1"
    if is_for_ever:
        erasure.delete_photo(found)
    else:
        bin.throw(found.owner_id, [found.pk])
    message = (
        gettext("The photo is deleted for ever.")
        if is_for_ever
        else gettext("The photo is in the bin.")
    )
    page = reverse("analysis:photos")
    if concert_id is not None:
        page = reverse("analysis:concert", args=[concert_id])
    return done(request, {"next": page}, back_to=page, message=message)


@require_POST
def like(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Like a photo, or take the like back (``liked=0``)."""
    found = get_object_or_404(photos_visible_to(request.user, Right.LIKE), pk=photo_id)
    is_wanted = request.POST.get("liked", "1") == "1"
    set_like(found, signed_in(request), liked=is_wanted)
    page = reverse("analysis:photo", args=[photo_id])
    return done(
        request, {"liked": is_wanted, "likes": likes_of(request.user, found)[0]}, back_to=page
    )


@require_POST
def retry(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Run one stage of a photo again."""
    found = get_object_or_404(photos_visible_to(request.user), pk=photo_id)
    page = reverse("analysis:photo", args=[photo_id])
    stage = request.POST.get("stage", "")
    if stage != INGEST and stage not in stages.after(INGEST):
        return refused(request, gettext("There is no such step."), back_to=page)
    services.retry_stage(found, stage)
    return done(request, {"state": "pending"}, back_to=page, status=202)
