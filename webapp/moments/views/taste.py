"""What a user wants captured, and what was learnt from likes and discards."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from webapp import vision
from webapp.accounts.asker import signed_in
from webapp.moments import services
from webapp.moments.forms import TasteForm
from webapp.moments.pages.words import what_was_learnt
from webapp.moments.queries import judged_moments_of, taste_of

LEAST_JUDGEMENTS = 50
"""Likes and discards before anything is learnt."""


@require_http_methods(["GET", "HEAD", "POST"])
def taste(request: HttpRequest) -> HttpResponse:
    """Show and change the taste."""
    mine = taste_of(request.user.pk or 0)
    form = TasteForm(request.POST or None, instance=mine, user=request.user)
    if request.method == "POST" and form.is_valid():
        services.update_taste(signed_in(request), **form.cleaned_data)
        messages.success(request, gettext("Saved. Cameras that film now follow within seconds."))
        return redirect("moments:taste")
    more, less = what_was_learnt(mine.weights, vision.usual_weights())
    context = {
        "form": form,
        "taste": mine,
        "judged": judged_moments_of(request.user.pk or 0).count(),
        "least": LEAST_JUDGEMENTS,
        "more": more,
        "less": less,
    }
    return render(request, "moments/taste.html", context, status=400 if form.errors else 200)


@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Forget what was learnt."""
    services.reset_taste(signed_in(request))
    messages.success(request, gettext("What was learnt is forgotten."))
    return redirect("moments:taste")
