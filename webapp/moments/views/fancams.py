"""Ordering fancams of a video; what comes of it is a reel."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from webapp.accounts.asker import signed_in
from webapp.accounts.queries import has_consent
from webapp.moments.forms import FancamForm
from webapp.moments.queries import videos_visible_to
from webapp.moments.reel import services as services
from webapp.moments.reel.services import ReelRefusedError
from webapp.moments.video.cards import clock


@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Ask which star is followed through which part of a video; a POST orders it."""
    user = signed_in(request)
    video = get_object_or_404(videos_visible_to(user), pk=video_id)
    form = FancamForm(request.POST or None, video=video)
    if request.method == "POST" and form.is_valid():
        try:
            ordered = services.order_fancams(
                user,
                video,
                form.people(),
                form.span(),
                has_names=form.cleaned_data["has_names"],
            )
        except ReelRefusedError as error:
            form.add_error(None, str(error))
        else:
            making = ngettext(
                "The fancam is being made.", "%(count)s fancams are being made.", len(ordered)
            )
            messages.success(request, making % {"count": len(ordered)})
            return redirect("moments:reels")
    context = {
        "video": video,
        "form": form,
        "length": clock(video.duration_seconds) if video.duration_seconds else "",
        "has_consent": has_consent(user.pk),
    }
    is_wrong = request.method == "POST"
    return render(request, "moments/fancam.html", context, status=400 if is_wrong else 200)
