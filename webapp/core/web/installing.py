"""What a browser needs to install Encore: a manifest, a service worker, a page for no server."""

from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
_ICONS = (
    ("img/icon-192.png", "192x192", "any"),
    ("img/icon-512.png", "512x512", "any"),
    ("img/icon-maskable-512.png", "512x512", "maskable"),
)


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe Encore as an app, which takes photos that other apps share."""
    described = {
        "id": "/",
        "name": "Encore",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#08080c",
        "theme_color": "#08080c",
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in _ICONS
        ],
        "share_target": {
            # The service worker takes this request, so that no photo is sent without a token.
            "action": "/upload/shared/",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": PHOTO_TYPES}]},
        },
    }
    return JsonResponse(described, content_type="application/manifest+json")


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Give out the service worker, from the address whose pages it may serve: all of them."""
    return HttpResponse(_worker_source(), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show what a browser keeps for when it reaches no server; nothing of a user is on it."""
    return render(request, "core/offline.html")


@cache
def _worker_source() -> bytes:
    return (settings.BASE_DIR / "static" / "js" / "service_worker.js").read_bytes()
