"""The upload page."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from webapp.core import events
from webapp.photos import queries
from webapp.photos.arrival import folders
from webapp.photos.forms import ConcertForm

_MAX_CONCERTS_IN_PICKER = 200


@require_safe
def upload(request: HttpRequest) -> HttpResponse:
    """Show the page that takes many photos at once."""
    concerts = queries.concerts_visible_to(request.user)
    wanted = _uuid(request.GET.get("concert", ""))
    chosen = concerts.filter(pk=wanted).first() if wanted else None
    context = {
        "concerts": concerts[:_MAX_CONCERTS_IN_PICKER],
        "chosen": chosen,
        "suffixes": ",".join(folders.PICTURE_SUFFIXES),
        "max_megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000,
        "concert_form": ConcertForm(auto_id="concert-%s"),
        "upload_settings": {
            "endpoint": reverse("photos:tus"),
            "newConcert": reverse("photos:concert-new"),
            "photos": reverse("analysis:photos"),
            "videos": reverse("moments:videos"),
            "faces": reverse("analysis:faces"),
            "maxBytes": settings.UPLOAD_MAX_BYTES,
            "since": events.last_id(),
            "doors": folders.for_browser(),
        },
    }
    return render(request, "photos/upload.html", context)


@require_safe
def shared(request: HttpRequest) -> HttpResponse:
    """Lead to the upload page; what is shared with this address, the service worker takes."""
    return redirect("photos:upload")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
