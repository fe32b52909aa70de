"""What somebody sees who was given a link. No account, no cookie but that of a right password.

A link that is closed, over, or never was answers 404 like any other unknown address, so nobody
learns which. Only pictures and films that were encoded here leave, which carry no metadata.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import check_password
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from webapp.accounts import lockout
from webapp.core.server.addresses import client_address
from webapp.core.server.rates import RecentCounts
from webapp.core.web.sending import send_file
from webapp.moments.pages.timeline import table_of
from webapp.moments.reel import services as reels
from webapp.photos.storage import files_of
from webapp.sharing import bystanders, services
from webapp.sharing.forms import PasswordForm
from webapp.sharing.models import Share
from webapp.sharing.queries import Shown, opened_by, shown_by, shows_picture, without_links
from webapp.sharing.unlocking import COOKIE, OPEN_SECONDS, is_unlocked, proof_of

WRONG = gettext_noop("This is not the password.")
TOO_MANY = gettext_noop("This link is opened too often right now. Please wait a minute.")

P = ParamSpec("P")
_views = RecentCounts()


def for_holders(
    view: Callable[Concatenate[HttpRequest, Share, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let a view be opened by whoever holds the token of a link; the view gets the link."""

    def opened(
        request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not _views.allows(client_address(request), settings.SHARED_VIEWS_PER_MINUTE):
            context = {"status": 429, "message": gettext(TOO_MANY)}
            answer: HttpResponseBase = render(request, "core/trouble.html", context, status=429)
            answer.headers["Retry-After"] = "60"
            return answer
        share = opened_by(token)
        if share is None:
            raise Http404
        answer = view(request, share, *args, **kwargs)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        answer.headers["Referrer-Policy"] = "no-referrer"  # The address is the secret.
        return answer

    return login_not_required(opened)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holders
def page(request: HttpRequest, share: Share) -> HttpResponseBase:
    """Show what is shared; with a password, ask for it first (a POST answers)."""
    if not _is_unlocked(request, share):
        return _ask(request, share)
    shown = _shown(share)
    waiting = _await_pictures(share, shown)
    loads_again = bool(waiting) and not share.is_timeline
    if request.method == "GET" and not loads_again:
        services.note_view(share)
    context = {"share": share, "shown": shown, "token_path": request.path, "waiting": waiting}
    if shown.chart is not None:
        chart = without_links(shown.chart, waiting)
        context |= {"chart": chart, "rows": table_of(chart)}
    return render(request, f"sharing/shared_{share.kind}.html", context)


@require_safe
@for_holders
def picture(request: HttpRequest, share: Share, picture: UUID, size: str) -> HttpResponseBase:
    """Send a picture that the link shows, for a screen or as ``thumb``."""
    if not _is_unlocked(request, share) or not shows_picture(share, picture):
        raise Http404
    files = files_of(picture)
    paths = {"thumb": files.thumb, "display": files.display}
    if share.blurs_others:
        is_ready = bool(bystanders.ready([picture]))
        paths = {"thumb": files.hidden_thumb, "display": files.hidden} if is_ready else {}
    if size not in paths:
        raise Http404
    return send_file(request, paths[size], "image/jpeg")


@require_safe
@for_holders
def film(request: HttpRequest, share: Share) -> HttpResponseBase:
    """Send the film that the link shows; ``?download=1`` as attachment."""
    reel = _shown(share).reel if _is_unlocked(request, share) else None
    if reel is None:
        raise Http404
    path = reels.file_of(reel)
    name = f"encore{path.suffix}" if "download" in request.GET else ""
    return send_file(request, path, reels.CONTENT_TYPES[path.suffix], attachment=name)


def _shown(share: Share) -> Shown:
    shown = shown_by(share)
    if shown is None:
        raise Http404
    return shown


def _await_pictures(share: Share, shown: Shown) -> set[UUID]:
    """Return which pictures are not yet made without bystanders, and have them made."""
    if not share.blurs_others:
        return set()
    waiting = shown.photo_ids - bystanders.ready(shown.photo_ids)
    bystanders.ask_for(waiting, share.owner_id)
    return waiting


def _is_unlocked(request: HttpRequest, share: Share) -> bool:
    return is_unlocked(share, request.COOKIES.get(COOKIE, ""))


def _ask(request: HttpRequest, share: Share) -> HttpResponse:
    """Ask for the password; wrong tries have to wait like those at the sign-in."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt = lockout.attempt(request, f"share {share.pk}")
        try:
            with lockout.turn(attempt):
                is_right = check_password(form.cleaned_data["password"], share.password)
        except lockout.MustWaitError as error:
            return lockout.refusal(request, error.seconds)
        if is_right:
            lockout.note_right(attempt)
            return _unlock(request, share)
        if wait := lockout.note_wrong(attempt):
            return lockout.refusal(request, wait)
        form.add_error("password", gettext(WRONG))
    status = 403 if request.method == "POST" else 200
    return render(request, "sharing/password.html", {"form": form}, status=status)


def _unlock(request: HttpRequest, share: Share) -> HttpResponse:
    answer = redirect(request.path)
    answer.set_cookie(
        COOKIE,
        proof_of(share),
        max_age=OPEN_SECONDS,
        path=request.path,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return answer
