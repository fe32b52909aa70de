"""Pages of videos: upload and list, one video with what was found, deleting, trying again."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Right, standing_of
from webapp.accounts.asker import signed_in
from webapp.accounts.queries import has_consent
from webapp.core import events
from webapp.moments.models import Video
from webapp.moments.pages.showing import add_focus, for_cards
from webapp.moments.queries import all_videos_of, moments_visible_to, videos_visible_to
from webapp.moments.video import bin
from webapp.moments.video.cards import cards_of, clock
from webapp.moments.video.services import analyse_again, delete_video
from webapp.moments.views.watching import is_watchable
from webapp.photos.arrival import folders
from webapp.photos.forms import ConcertForm
from webapp.photos.models import Photo
from webapp.photos.queries import concerts_visible_to

MOST_CONCERTS = 200
MOST_VIDEOS = 200
MOST_MOMENTS = 60
TILE_ASPECT = 4 / 3
"""Of the cards of this page (``static/css/content.css``)."""


@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """Show the user's videos, and take new ones."""
    user = signed_in(request)
    since = events.last_id()
    shown = videos_visible_to(user).select_related("concert")[:MOST_VIDEOS]
    concerts = concerts_visible_to(user)
    wanted = request.GET.get("concert", "")
    context = {
        "cards": cards_of(shown),
        "chosen": next((one for one in concerts if str(one.pk) == wanted), None),
        "concerts": concerts[:MOST_CONCERTS],
        "concert_form": ConcertForm(auto_id="concert-%s"),
        "has_consent": has_consent(user.pk),
        "max_gigabytes": f"{settings.VIDEO_MAX_BYTES / 1e9:g}",
        "max_hours": f"{settings.VIDEO_MAX_MINUTES / 60:.2g}",
        "last_event_id": since,
        "video_settings": {
            "endpoint": reverse("moments:video-tus"),
            "newConcert": reverse("photos:concert-new"),
            "videos": reverse("moments:videos"),
            "maxBytes": settings.VIDEO_MAX_BYTES,
            "doors": folders.for_browser(),
        },
    }
    return render(request, "moments/videos.html", context)


@require_safe
def video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show one video: how far it is, and its moments."""
    user = signed_in(request)
    since = events.last_id()
    visible = videos_visible_to(user, Right.SEE).select_related("concert", "owner")
    found = get_object_or_404(visible, pk=video_id)
    moments = moments_visible_to(found.owner).filter(video=found)
    shown = list(for_cards(moments.order_by("at_seconds"))[:MOST_MOMENTS])
    add_focus(shown, TILE_ASPECT)
    context = {
        "card": cards_of([found])[0],
        "moments": [(moment, clock(moment.at_seconds)) for moment in shown],
        "is_watchable": is_watchable(found),
        "poster": next((one for one in shown if _is_ready(one.photo)), None),
        "has_tracks": found.tracks.exists(),
        "moment_count": moments.count(),
        "has_consent": has_consent(found.owner_id),
        "last_event_id": since,
        "standing": standing_of(user, found),
    }
    return render(request, "moments/video.html", context)


def _is_ready(photo: Photo | None) -> bool:
    return photo is not None and photo.state == Photo.State.READY


@require_POST
def delete(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Put a video and its moments into the bin, or delete all of it at once (``for_ever=1``)."""
    found = _own(request, video_id)
    if request.POST.get("for_ever") == "1":
        delete_video(found)
        messages.success(request, gettext("The video and its moments were deleted for ever."))
        return redirect("moments:bin-videos" if found.binned_at else "moments:videos")
    bin.throw(found)
    messages.success(request, gettext("The video and its moments are in the bin."))
    return redirect("moments:videos")


@require_POST
def restore(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Take a video out of the bin; one that is not in it stays where it is."""
    if bin.restore(_own(request, video_id)):
        messages.success(request, gettext("The video and its moments are restored."))
    return redirect("moments:video", video_id)


@require_POST
def again(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Analyse a video once more: a failed one from where it stopped, a finished one anew."""
    analyse_again(_own(request, video_id))
    return redirect("moments:video", video_id)


def _own(request: HttpRequest, video_id: UUID) -> Video:
    return get_object_or_404(all_videos_of(signed_in(request)), pk=video_id)
