"""The page of one moment, and what can be done to it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Right, Standing
from webapp.analysis.models import Portrait
from webapp.analysis.queries import faces_of, jobs_of
from webapp.analysis.subjects import choice_of
from webapp.analysis.views.photos import faces_shown
from webapp.core import events
from webapp.core.web import sending
from webapp.moments import bin, services
from webapp.moments.angles import angles_of
from webapp.moments.models import Moment, MomentFrame, Reel
from webapp.moments.pages.archives import file_name
from webapp.moments.pages.grid import MomentFilter, neighbours
from webapp.moments.pages.showing import add_focus, focus_of, for_cards
from webapp.moments.pages.words import score_bars
from webapp.moments.queries import all_moments_of, moment_frames_of, moments_visible_to
from webapp.moments.reel import clips
from webapp.moments.reel.services import LEAST_FRAMES
from webapp.moments.upkeep import days_to_restore
from webapp.people.answers import done, refused
from webapp.photos.storage import files_of

STRIP_ASPECT = 3 / 2
"""Of the pictures of the filmstrip (``static/css/moments.css``)."""


@require_safe
def moment(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Show a moment with its frames, and its neighbours in the grid it was opened from.

    ``?frame=<id>`` looks at another frame without picking it. Members of its concert are led to its
    picture: the frames beside it are its owner's to choose from.
    """
    last_event_id = events.last_id()  # Read first: what happens from here on is told by the socket.
    visible = all_moments_of(request.user).select_related("concert", "session", "video", "photo")
    found = visible.filter(pk=moment_id).first()
    if found is None:
        shared = get_object_or_404(moments_visible_to(request.user, Right.SEE), pk=moment_id)
        return redirect("analysis:photo", shared.photo_id)
    wanted = MomentFilter.from_query(request.GET)
    newer, older = neighbours(wanted.moments_for(request.user), found)
    query = wanted.query()
    context = {
        "moment": found,
        "people": list(found.people.all()),
        "last_event_id": last_event_id,
        "previous_moment": newer,
        "next_moment": older,
        "grid_query": f"?{query}" if query else "",
        "frame_query": f"&{query}" if query else "",
        "reels": list(found.reels.filter(kind=Reel.Kind.LOOP)),
        **_clip_of(found),
        "angles": _other_angles(request, found),
        "least_frames": LEAST_FRAMES,
        "days_to_restore": days_to_restore(found),
        "standing": Standing(is_owner=True),
        **_looked_at(request, found),
    }
    return render(request, "moments/moment.html", context)


def _other_angles(request: HttpRequest, moment: Moment) -> list[Moment]:
    """Return what other cameras saw of the same instant, the best first."""
    visible = for_cards(moments_visible_to(request.user)).select_related("session")
    angles = angles_of(moment, visible)
    add_focus(angles, STRIP_ASPECT)
    return angles


def _clip_of(moment: Moment) -> dict[str, Any]:
    """Return the clip of a moment with where it is cut, or whether one can be cut."""
    clip = clips.clip_of(moment)
    if clip is None:
        return {"may_be_cut": clips.may_be_cut(moment)}
    before, after = clip.peak_seconds - clip.start_seconds, clip.stop_seconds - clip.peak_seconds
    return {"clip": clip, "clip_before": before, "clip_after": after}


def _looked_at(request: HttpRequest, moment: Moment) -> dict[str, Any]:
    """Return the frame that is looked at, with its photo, bars, portrait and jobs."""
    frames = list(moment_frames_of(moment))
    chosen = request.GET.get("frame", "")
    frame = next((one for one in frames if str(one.pk) == chosen), None)
    frame = frame or next((one for one in frames if one.is_picked), None)
    for one in frames:
        one.focus = focus_of(one.photo, one.box, STRIP_ASPECT)  # type: ignore[attr-defined]
    photo = frame.photo if frame else moment.photo
    looked: dict[str, Any] = {"frames": frames, "frame": frame, "photo": photo}
    looked["is_picked"] = frame.is_picked if frame else photo is not None
    looked["score"] = moment.score if frame is None or frame.is_picked else frame.score
    looked["bars"] = score_bars(frame.terms) if frame else []
    if photo is not None:
        jobs = jobs_of(photo)
        portrait = Portrait.objects.filter(photo=photo).first()
        faces = faces_of(photo)
        looked |= {
            "portrait": portrait,
            "faces": faces,
            "subject": choice_of(photo, portrait, faces) if portrait else None,
            "is_drawing": any(job.stage == "portrait" for job in jobs.open),
            "open_jobs": jobs.open,
            "failed_jobs": jobs.failed,
            "has_original": files_of(photo.pk).original.exists(),
            "portrait_failed": any(job.stage == "portrait" for job in jobs.failed),
        }
        if looked["is_picked"]:
            looked |= faces_shown(request, photo)
    return looked


@require_POST
def like(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Like a moment, or take the like back (``liked=0``)."""
    found = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    is_liked = request.POST.get("liked", "1") == "1"
    (services.like_moment if is_liked else services.unlike_moment)(found)
    message = gettext("Liked. What you like teaches Encore what to capture.") if is_liked else ""
    return done(request, {"liked": is_liked}, back_to=_page(moment_id), message=message)


@require_POST
def discard(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Discard a moment, or bring it back (``discarded=0``)."""
    found = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    is_discarded = request.POST.get("discarded", "1") == "1"
    (services.discard_moment if is_discarded else services.restore_moment)(found)
    message = _discarded_words(days_to_restore(found)) if is_discarded else gettext("It is back.")
    return done(request, {"discarded": is_discarded}, back_to=_page(moment_id), message=message)


@require_POST
def pick(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Make another frame the moment's picture."""
    found = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    raw = request.POST.get("frame", "")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        return refused(request, gettext("Choose one of the frames."), back_to=_page(moment_id))
    frame = get_object_or_404(MomentFrame, moment=found, pk=int(raw))
    try:
        services.pick_frame(found, frame)
    except services.FrameMissingError as error:
        return refused(request, str(error), back_to=_page(moment_id), status=409)
    message = gettext("This frame is the picture now.")
    return done(request, {"frame": frame.pk}, back_to=_page(moment_id), message=message)


@require_POST
def delete(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Put a moment into the bin, or delete it and all that came of it at once (``for_ever=1``)."""
    found = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    page = reverse("moments:list")
    if request.POST.get("for_ever") == "1":
        services.delete_moment(found)
        message = gettext("The moment is deleted for ever.")
    else:
        bin.throw(found.owner_id, [found.pk])
        message = gettext("The moment is in the bin.")
    return done(request, {"next": page}, back_to=page, message=message)


@require_safe
def download(request: HttpRequest, moment_id: UUID) -> HttpResponseBase:
    """Send the picture as attachment; ``?portrait=1`` for the portrait version.

    Both were encoded here and carry no metadata.
    """
    moments = all_moments_of(request.user).prefetch_related("people")
    found = get_object_or_404(moments, pk=moment_id)
    if found.photo_id is None:
        raise Http404
    files = files_of(found.photo_id)
    is_portrait = request.GET.get("portrait") == "1"
    path = files.portrait if is_portrait else files.full
    name = file_name(found, is_portrait=is_portrait)
    return sending.send_file(request, path, "image/jpeg", attachment=name)


def _discarded_words(days: int) -> str:
    if not days:
        return gettext("Discarded. It can be brought back from here.")
    return ngettext(
        "Discarded. It can be brought back from here for %(days)s day.",
        "Discarded. It can be brought back from here for %(days)s days.",
        days,
    ) % {"days": days}


def _page(moment_id: UUID) -> str:
    return reverse("moments:moment", args=[moment_id])
