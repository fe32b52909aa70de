"""The upload page, and trying a photo again."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.core import events
from webapp.photos import queries, services
from webapp.photos.forms import ConcertForm
from webapp.photos.models import Photo

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
        "concert_form": ConcertForm(auto_id="concert-%s"),
        "upload_settings": {
            "endpoint": reverse("photos:tus"),
            "newConcert": reverse("photos:concert-new"),
            "photos": reverse("core:home") + "photos/",
            "maxBytes": settings.UPLOAD_MAX_BYTES,
            "since": events.last_id(),
        },
    }
    return render(request, "photos/upload.html", context)


@require_POST
def retry_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Try a photo again that was set aside."""
    failed = queries.photos_visible_to(request.user).filter(state=Photo.State.FAILED)
    photo = get_object_or_404(failed, pk=photo_id)
    is_tried = services.retry_photo(photo)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"retried": is_tried}, status=202 if is_tried else 410)
    if is_tried:
        messages.success(request, "The photo is being read again.")
    else:
        messages.error(request, "The file is gone. Upload it again.")
    return redirect("core:home")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
