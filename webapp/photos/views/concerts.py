"""Concerts: the list, and making, changing and removing one."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.accounts.zones import browser_zone
from webapp.photos import arranging, queries
from webapp.photos.arrival.destinations import concert_dissolved
from webapp.photos.chosen import BadChoiceError, read_ids
from webapp.photos.clocks import queue_clocks
from webapp.photos.concert_cards import concerts_with_covers
from webapp.photos.forms import ConcertForm
from webapp.photos.models import Concert
from webapp.photos.views.selected import refused, told, who_sees


@require_safe
def concerts(request: HttpRequest) -> HttpResponse:
    """Show the user's concerts with their newest pictures."""
    context = {
        "concerts": concerts_with_covers(request.user),
        "shared": concerts_with_covers(request.user, shared=True),
        "loose_count": queries.library_of(request.user).filter(concert=None).count(),
    }
    return render(request, "photos/concerts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_concert(request: HttpRequest) -> HttpResponse:
    """Make a concert, from its form or, as JSON, from the upload page."""
    user = signed_in(request)
    concert = Concert(owner=user, time_zone=browser_zone(request) or user.time_zone)
    form = ConcertForm(request.POST or None, instance=concert)
    wants_json = "application/json" in request.headers.get("Accept", "")
    if form.is_valid():
        concert = form.save()
        if wants_json:
            return JsonResponse(
                {"id": str(concert.pk), "name": concert.name}, status=HTTPStatus.CREATED
            )
        return redirect("analysis:concert", concert.pk)
    if wants_json:
        errors = [error for listed in form.errors.values() for error in listed]
        return JsonResponse({"error": " ".join(map(str, errors))}, status=HTTPStatus.BAD_REQUEST)
    return render(request, "photos/concert_form.html", {"form": form, "concert": None})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Change a concert."""
    concert = get_object_or_404(queries.concerts_visible_to(request.user), pk=concert_id)
    form = ConcertForm(request.POST or None, instance=concert)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            if "time_zone" in form.changed_data:
                queue_clocks(concert.owner_id)
        return redirect("analysis:concert", concert.pk)
    others = queries.concerts_visible_to(request.user).exclude(pk=concert_id)
    context = {
        "form": form,
        "concert": concert,
        "others": others.order_by("folded_name", "id"),
        "days": sorted(arranging.days_of(concert)),
    }
    return render(request, "photos/concert_form.html", context)


@require_POST
def merge_concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Let everything of this concert belong to another one (``into``), and remove this one."""
    mine = queries.concerts_visible_to(request.user)
    concert = get_object_or_404(mine, pk=concert_id)
    try:
        target = get_object_or_404(mine, pk=UUID(request.POST.get("into", "")))
        arranging.merge_concerts(concert, target)
    except ValueError:
        messages.error(request, gettext("Choose a concert to merge with."))
        return redirect("photos:concert-edit", concert_id)
    except arranging.ConcertRefusedError as error:
        messages.error(request, str(error))
        return redirect("photos:concert-edit", concert_id)
    words = gettext("Both concerts are %(name)s now.") % {"name": target.name}
    messages.success(request, f"{words} {who_sees(target)}".rstrip())
    return redirect("analysis:concert", target.pk)


@require_POST
def split_concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Make one concert for each day on which photos were taken."""
    concert = get_object_or_404(queries.concerts_visible_to(request.user), pk=concert_id)
    try:
        made = arranging.split_concert(concert)
    except arranging.ConcertRefusedError as error:
        messages.error(request, str(error))
        return redirect("photos:concert-edit", concert_id)
    messages.success(
        request,
        gettext("%(name)s is %(made)s concerts now, one for each day.")
        % {"name": concert.name, "made": len(made) + 1},
    )
    return redirect("photos:concerts")


@require_POST
def set_cover(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Choose the picture of a concert: the one selected photo of it (``photos``)."""
    concert = get_object_or_404(queries.concerts_visible_to(request.user), pk=concert_id)
    try:
        ids = read_ids(request.POST, "photos")
    except BadChoiceError as error:
        return refused(str(error))
    if len(ids) != 1:
        return refused(gettext("Select one photo to be the cover."))
    photo = get_object_or_404(queries.library_of(request.user), pk=ids[0], concert=concert)
    arranging.set_cover(concert, photo)
    return told(1, gettext("This is the cover of %(name)s now.") % {"name": concert.name})


@require_POST
def delete_concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Remove a concert; its photos stay."""
    concert = get_object_or_404(queries.concerts_visible_to(request.user), pk=concert_id)
    with transaction.atomic():
        concert_dissolved.send(concert.pk)
        concert.delete()
        queue_clocks(concert.owner_id)
    messages.success(request, gettext("The concert was removed. Its photos are still here."))
    return redirect("photos:concerts")
