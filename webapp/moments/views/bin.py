"""The bin: what was thrown away, restoring it, and emptying it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Asker
from webapp.accounts.asker import signed_in
from webapp.moments import bin
from webapp.moments.pages.grid import names_of
from webapp.moments.pages.showing import for_cards
from webapp.moments.queries import all_videos_of, moments_in_bin_of
from webapp.moments.video import bin as video_bin
from webapp.moments.video.bin import videos_in_bin_of
from webapp.moments.video.cards import cards_of
from webapp.photos import bin as photo_bin
from webapp.photos.queries import all_photos_of, bin_of

PAGE_SIZE = 120


@require_safe
def photos(request: HttpRequest) -> HttpResponse:
    """Show the photos in the bin, thrown away last first."""
    return _page(request, bin_of(request.user), {"kind": "photos"})


@require_safe
def moments(request: HttpRequest) -> HttpResponse:
    """Show the moments in the bin."""
    return _page(request, for_cards(moments_in_bin_of(request.user)), {"kind": "moments"})


@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """Show the videos in the bin; there are few, so each has its own buttons."""
    context = {
        "kind": "videos",
        "page": cards_of(videos_in_bin_of(request.user)[:PAGE_SIZE]),
        **_about(request.user),
    }
    return render(request, "moments/bin_videos.html", context)


def _page(request: HttpRequest, rows: QuerySet[Any], context: dict[str, Any]) -> HttpResponse:
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    for row in page:
        if context["kind"] == "moments":
            row.names = names_of(row)
    return render(request, "moments/bin.html", {**context, "page": page, **_about(request.user)})


def _about(user: Asker) -> dict[str, Any]:
    """Return how much is in the bin, for how long, and what space it takes."""
    thrown: tuple[QuerySet[Any], ...] = (all_photos_of(user), all_videos_of(user))
    in_bin = [rows.order_by().filter(binned_at__isnull=False) for rows in thrown]
    sizes = [rows.aggregate(total=Sum("bytes"))["total"] or 0 for rows in in_bin]
    counts: dict[str, QuerySet[Any]] = {
        "photo_count": bin_of(user),
        "moment_count": moments_in_bin_of(user),
        "video_count": videos_in_bin_of(user),
    }
    about: dict[str, Any] = {name: found.order_by().count() for name, found in counts.items()}
    return about | {"space": filesizeformat(sum(sizes)), "days": settings.BIN_DAYS}


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Delete everything in the bin for ever."""
    user = signed_in(request)
    gone = video_bin.give_up_all(user)
    gone += bin.give_up(user.pk, moments_in_bin_of(user).values_list("pk", flat=True))
    gone += len(photo_bin.give_up(user.pk, bin_of(user).values_list("pk", flat=True)))
    if gone:
        messages.success(
            request,
            gettext("The bin is empty. Deleted for ever: %(gone)s.") % {"gone": f"{gone:,}"},
        )
    return redirect("moments:bin")
