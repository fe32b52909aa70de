"""The search page, its suggestions, and searches that were saved as albums."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Asker
from webapp.accounts.asker import signed_in
from webapp.analysis.search.language import KEYWORDS, parse
from webapp.analysis.search.queries import matching, saved_searches_of, vocabulary_of
from webapp.analysis.search.suggestions import suggestions_for
from webapp.analysis.search.terms import Search, SearchError
from webapp.analysis.showing import Showing, gathered
from webapp.analysis.takeout.views import send_all
from webapp.analysis.views.gallery import grid
from webapp.core.web.paging import BadQueryError
from webapp.core.words.names import MAX_NAME_LENGTH, tidied
from webapp.photos.models import MAX_SEARCH_LENGTH, Photo, SavedSearch
from webapp.photos.queries import library_of


def found_by(
    user: Asker, photos: QuerySet[Photo], typed: str, showing: Showing = gathered
) -> QuerySet[Photo]:
    """Return the photos that a search finds among these; all, where nothing was typed.

    Raises:
        BadQueryError: It was not understood.
    """
    if not typed.strip():
        return photos
    try:
        search = parse(typed[:MAX_SEARCH_LENGTH], vocabulary_of(user))
    except SearchError as error:
        raise BadQueryError(str(error)) from error
    return matching(photos, search, timezone.get_current_timezone(), showing)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was searched for; without words, how to search."""
    typed = tidied(request.GET.get("q", ""))[:MAX_SEARCH_LENGTH]
    return _results(request, typed, {"page_title": gettext("Search")})


@require_safe
def album(request: HttpRequest, album_id: UUID) -> HttpResponse:
    """Show what a saved search finds now."""
    found = get_object_or_404(saved_searches_of(request.user), pk=album_id)
    return _results(request, found.query, {"page_title": found.name, "album": found})


def _results(request: HttpRequest, typed: str, context: dict[str, Any]) -> HttpResponse:
    context |= {"q": typed, "keywords": KEYWORDS, "albums": saved_searches_of(request.user)}
    if not typed:
        return render(request, "analysis/search_help.html", context)
    try:
        wanted = parse(typed, vocabulary_of(request.user))
    except SearchError as error:
        context |= {"trouble": str(error), "part": error.part}
        return render(request, "analysis/search_help.html", context, status=400)
    zone = timezone.get_current_timezone()
    context["chips"] = _chips(wanted)
    keep = {} if "album" in context else {"q": typed}
    within = {"q": typed}
    template = "analysis/search.html"
    return grid(
        request,
        library_of(request.user),
        context,
        template=template,
        within=within,
        keep=keep,
        narrow=lambda photos, showing: matching(photos, wanted, zone, showing),
    )


def _chips(wanted: Search) -> list[tuple[str, str]]:
    """Return each term with the address of the search without it."""
    page = reverse("analysis:search")
    return [
        (term.written, f"{page}?{urlencode({'q': wanted.without(term)})}") for term in wanted.terms
    ]


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer the search box with ways to go on from what was typed (``q``)."""
    typed = request.GET.get("q", "")[:MAX_SEARCH_LENGTH]
    found = suggestions_for(typed, vocabulary_of(request.user))
    listed = [{"name": one.text, "label": one.label, "group": one.kind} for one in found]
    return JsonResponse({"suggestions": listed})


@require_safe
def download(request: HttpRequest) -> HttpResponseBase:
    """Send what a search finds as a ZIP."""
    typed = request.GET.get("q", "")
    return send_all(
        request, found_by(request.user, library_of(request.user), typed), gettext("Encore search")
    )


@require_safe
def albums(request: HttpRequest) -> HttpResponse:
    """List the saved searches."""
    found = list(saved_searches_of(request.user))
    return render(request, "analysis/albums.html", {"albums": found})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save a search (``q``) under a name."""
    typed = tidied(request.POST.get("q", ""))[:MAX_SEARCH_LENGTH]
    back = f"{reverse('analysis:search')}?{urlencode({'q': typed})}"
    try:
        parse(typed, vocabulary_of(request.user))
        new = SavedSearch(owner=signed_in(request), query=typed)
        _name(new, request.POST.get("name", ""))
    except (SearchError, _BadAlbumError) as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(
        request, gettext("%(name)s is an album now. It fills itself.") % {"name": new.name}
    )
    return redirect("analysis:album", new.pk)


@require_POST
def rename(request: HttpRequest, album_id: UUID) -> HttpResponse:
    """Give a saved search another name."""
    found = get_object_or_404(saved_searches_of(request.user), pk=album_id)
    try:
        _name(found, request.POST.get("name", ""))
    except _BadAlbumError as error:
        messages.error(request, str(error))
    return redirect("analysis:albums")


@require_POST
def delete(request: HttpRequest, album_id: UUID) -> HttpResponse:
    """Forget a saved search; its photos stay."""
    found = get_object_or_404(saved_searches_of(request.user), pk=album_id)
    found.delete()
    messages.success(
        request,
        gettext("The album %(name)s is gone. Its photos are still here.") % {"name": found.name},
    )
    return redirect("analysis:albums")


class _BadAlbumError(ValueError):
    """An album cannot be called so. The text is for the user."""


def _name(album: SavedSearch, raw: str) -> None:
    name = tidied(raw)
    if not name or len(name) > MAX_NAME_LENGTH:
        raise _BadAlbumError(
            gettext("Give the album a name of at most %(count)s letters.")
            % {"count": MAX_NAME_LENGTH}
        )
    album.name = name
    try:
        with transaction.atomic():
            album.save()
    except IntegrityError as error:
        raise _BadAlbumError(
            gettext("There is already an album called %(name)s.") % {"name": name}
        ) from error
