"""Making links, and seeing and closing those there are."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.live.queries import open_sessions_visible_to, sessions_visible_to
from webapp.moments.pages.grid import names_of
from webapp.moments.queries import moments_visible_to, videos_visible_to
from webapp.moments.reel.services import reels_visible_to, title_of
from webapp.photos.queries import concerts_visible_to
from webapp.sharing import services
from webapp.sharing.forms import ShareForm
from webapp.sharing.models import Share
from webapp.sharing.queries import shares_visible_to
from webapp.sharing.services import Target

MOST_LISTED = 200


@require_safe
def shares(request: HttpRequest) -> HttpResponse:
    """List the links, with how often each was opened."""
    found = shares_visible_to(request.user)[:MOST_LISTED]
    rows = [(share, _called(share)) for share in found]
    return render(request, "sharing/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def moment(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Make a link to a moment."""
    found = get_object_or_404(moments_visible_to(request.user), pk=moment_id)
    return _make(request, found, names_of(found), reverse("moments:moment", args=[moment_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def reel(request: HttpRequest, reel_id: UUID) -> HttpResponse:
    """Make a link to a film."""
    found = get_object_or_404(reels_visible_to(request.user), pk=reel_id)
    return _make(request, found, title_of(found), reverse("moments:reels"))


@require_http_methods(["GET", "HEAD", "POST"])
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Make a link to the night of a concert."""
    found = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    page = reverse("moments:night", args=[concert_id])
    return _make(request, found, gettext("The night of %(name)s") % {"name": found.name}, page)


@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Make a link to a live session."""
    found = get_object_or_404(open_sessions_visible_to(request.user), pk=session_id)
    return _make(request, found, found.title, reverse("live:view", args=[session_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def concert_timeline(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Make a link to how emotions went over a concert."""
    found = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    page = reverse("moments:timeline-concert", args=[concert_id])
    return _make(request, found, _timeline_of(found.name), page, is_timeline=True)


@require_http_methods(["GET", "HEAD", "POST"])
def session_timeline(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Make a link to how emotions went over a live session, also one that has ended."""
    found = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    page = reverse("moments:timeline-session", args=[session_id])
    return _make(request, found, _timeline_of(found.title), page, is_timeline=True)


@require_http_methods(["GET", "HEAD", "POST"])
def video_timeline(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Make a link to how emotions went over a video."""
    found = get_object_or_404(videos_visible_to(request.user), pk=video_id)
    page = reverse("moments:timeline-video", args=[video_id])
    return _make(request, found, _timeline_of(found.display_name), page, is_timeline=True)


@require_POST
def revoke(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Close a link."""
    share = get_object_or_404(shares_visible_to(request.user), pk=share_id)
    services.revoke(share)
    messages.success(request, gettext("The link is closed. Nobody can open it any more."))
    return redirect("sharing:list")


def _make(
    request: HttpRequest, target: Target, called: str, back_to: str, *, is_timeline: bool = False
) -> HttpResponse:
    """Ask how a link shall be, and show a new one; its secret is seen only on this page."""
    form = ShareForm(request.POST or None)
    context = {"form": form, "called": called, "back_to": back_to, "link": ""}
    if request.method == "POST" and form.is_valid():
        try:
            share, token = services.make_share(
                signed_in(request), target, is_timeline=is_timeline, **form.cleaned_data
            )
        except services.ShareRefusedError as error:
            form.add_error(None, str(error))
        else:
            link = request.build_absolute_uri(reverse("sharing:open", args=[token]))
            return render(request, "sharing/make.html", {**context, "link": link, "share": share})
    is_wrong = request.method == "POST"
    return render(request, "sharing/make.html", context, status=400 if is_wrong else 200)


def _called(share: Share) -> str:
    """Return what a link shows, in the owner's words."""
    if share.is_timeline:
        of = share.concert or share.session or share.video
        return _timeline_of(str(of))
    if share.moment is not None:
        return names_of(share.moment)
    if share.concert is not None:
        return gettext("The night of %(name)s") % {"name": share.concert.name}
    if share.session is not None:
        return gettext("Live: %(title)s") % {"title": share.session.title}
    return title_of(share.reel) if share.reel is not None else ""


def _timeline_of(title: str) -> str:
    return gettext("Timeline of %(title)s") % {"title": title}
