"""The bin: what was thrown away, restoring it, and emptying it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.moments import bin
from webapp.moments.pages.grid import names_of
from webapp.moments.queries import moments_in_bin_of
from webapp.moments.showing import for_cards
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


def _page(request: HttpRequest, rows: QuerySet[Any], context: dict[str, Any]) -> HttpResponse:
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    for row in page:
        if context["kind"] == "moments":
            row.names = names_of(row)
    thrown = all_photos_of(request.user).order_by().exclude(binned_at=None)
    bytes_in_bin = thrown.aggregate(total=Sum("bytes"))["total"] or 0
    counts: dict[str, QuerySet[Model]] = {
        "photo_count": bin_of(request.user),
        "moment_count": moments_in_bin_of(request.user),
    }
    context |= {name: found.order_by().count() for name, found in counts.items()}
    context |= {"page": page, "space": filesizeformat(bytes_in_bin), "days": settings.BIN_DAYS}
    return render(request, "moments/bin.html", context)


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Delete everything in the bin for ever."""
    user = signed_in(request)
    gone = bin.give_up(user.pk, moments_in_bin_of(user).values_list("pk", flat=True))
    gone += len(photo_bin.give_up(user.pk, bin_of(user).values_list("pk", flat=True)))
    if gone:
        messages.success(request, f"The bin is empty: {gone:,} deleted for ever.")
    return redirect("moments:bin")
