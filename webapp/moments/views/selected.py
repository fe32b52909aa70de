"""What can be done to many moments at once; as ``webapp.photos.views.selected``."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext, gettext_noop

from webapp.accounts.models import User
from webapp.analysis.takeout.views import send
from webapp.moments import arranging, bin, services
from webapp.moments.queries import moments_in_bin_of, moments_visible_to
from webapp.moments.reel import services as reels
from webapp.photos.chosen import portions
from webapp.photos.models import Photo
from webapp.photos.queries import photos_visible_to
from webapp.photos.views.selected import counted, moved_to_concert, on_chosen, refused, told

REEL_TITLE = gettext_noop("Selected moments")

on_moments = on_chosen("moments", moments_visible_to)
on_bin = on_chosen("moments", moments_in_bin_of)


@on_moments
def throw(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Put moments into the bin."""
    gone = len(bin.throw(user.pk, ids))
    return told(gone, gettext("%(pictures)s in the bin.") % {"pictures": counted(gone, "moment")})


@on_bin
def restore(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Take moments out of the bin."""
    back = len(bin.restore(user.pk, ids))
    return told(back, gettext("%(pictures)s restored.") % {"pictures": counted(back, "moment")})


@on_bin
def erase(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Delete moments in the bin for ever."""
    gone = bin.give_up(user.pk, ids)
    return told(
        gone, gettext("%(pictures)s deleted for ever.") % {"pictures": counted(gone, "moment")}
    )


@on_moments
def like(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Like moments (``value`` 1), or take the likes back (0)."""
    value = request.POST.get("value", "")
    if value not in {"0", "1"}:
        return refused(gettext("A moment is liked or not."))
    changed = services.like_many(user.pk, ids, is_liked=value == "1")
    said = gettext("%(pictures)s liked.") if value == "1" else gettext("%(pictures)s unliked.")
    return told(changed, said % {"pictures": counted(changed, "moment")})


@on_moments
def concert(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Let moments and their pictures belong to a concert (``concert``), or to none."""
    return moved_to_concert(
        request, user, lambda found: arranging.set_concert(user.pk, ids, found), "moment"
    )


@on_moments
def download(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponseBase:
    """Send the pictures of moments as a ZIP."""
    photos: list[Photo] = []
    for some in portions(ids):
        of_moments = photos_visible_to(user).filter(moments__in=some)
        photos += of_moments.select_related("concert").distinct()
    return send(request, photos, gettext("Encore moments"), request.POST)


@on_moments
def reel(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Order a film of moments, in the order of the evening."""
    most = reels.COUNT_CHOICES[-1]
    if len(ids) > most:
        return refused(gettext("A reel shows %(most)s moments at most.") % {"most": most})
    chosen = reels.best_of(moments_visible_to(user).filter(pk__in=ids), len(ids))
    try:
        reels.order_film(user, chosen, gettext(REEL_TITLE), has_names=True)
    except reels.ReelRefusedError as error:
        return refused(str(error))
    return told(len(chosen), gettext("The reel is being made. It appears under Reels."))
