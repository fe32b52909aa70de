"""What can be done to many photos at once; a script sends their ids.

Whatever of the selection is not the asker's is passed over; where nothing of it is, that is 404, as
for a single photo of somebody else.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import TypeAlias
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from webapp.accounts.asker import signed_in
from webapp.accounts.models import User
from webapp.photos import arranging, bin, queries
from webapp.photos.chosen import BadChoiceError, portions, read_ids
from webapp.photos.models import Concert

View: TypeAlias = Callable[[HttpRequest], HttpResponseBase]
Act: TypeAlias = Callable[[HttpRequest, User, list[UUID]], HttpResponseBase]


def on_chosen(name: str, own: Callable[[User], QuerySet[Model]]) -> Callable[[Act], View]:
    """Turn what is done to a user's own chosen rows into a view.

    Args:
        name: Of the field with the ids.
        own: Returns the rows that the user may choose from.
    """

    def wrap(act: Act) -> View:
        @require_POST
        @wraps(act)
        def view(request: HttpRequest) -> HttpResponseBase:
            user = signed_in(request)
            try:
                ids = read_ids(request.POST, name)
                found = own_of(own(user), ids)
                return act(request, user, found)
            except BadChoiceError as error:
                return refused(str(error))

        return view

    return wrap


def own_of(rows: QuerySet[Model], ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the ids that are among the rows, in their order; raises 404 if none is."""
    wanted = list(ids)
    known: set[UUID] = set()
    for some in portions(wanted):
        known |= set(rows.filter(pk__in=some).order_by().values_list("pk", flat=True))
    if not known:
        raise Http404
    return [one for one in wanted if one in known]


def refused(reason: str) -> HttpResponse:
    """Say why nothing was done."""
    return JsonResponse({"error": reason}, status=HTTPStatus.BAD_REQUEST)


def told(changed: int, message: str) -> HttpResponse:
    """Say what was done, and to how many."""
    return JsonResponse({"changed": changed, "message": message})


def counted(count: int, noun: str = "photo") -> str:
    """Return a number with its noun, "photo" or "moment"."""
    pictures = (
        ngettext("%(number)s moment", "%(number)s moments", count)
        if noun == "moment"
        else ngettext("%(number)s photo", "%(number)s photos", count)
    )
    return pictures % {"number": f"{count:,}"}


on_photos = on_chosen("photos", queries.photos_visible_to)
on_bin = on_chosen("photos", queries.bin_of)


@on_photos
def throw(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Put photos into the bin."""
    gone = len(bin.throw(user.pk, ids))
    return told(gone, gettext("%(pictures)s in the bin.") % {"pictures": counted(gone)})


@on_bin
def restore(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Take photos out of the bin."""
    back = len(bin.restore(user.pk, ids))
    return told(back, gettext("%(pictures)s restored.") % {"pictures": counted(back)})


@on_bin
def erase(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Delete photos in the bin for ever."""
    gone = len(bin.give_up(user.pk, ids))
    return told(gone, gettext("%(pictures)s deleted for ever.") % {"pictures": counted(gone)})


@on_photos
def favourite(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Mark photos as favourites (``value`` 1), or take the mark away (0)."""
    value = request.POST.get("value", "")
    if value not in {"0", "1"}:
        return refused(gettext("A photo is a favourite or not."))
    changed = arranging.set_favourite(user.pk, ids, is_favourite=value == "1")
    said = (
        gettext("%(pictures)s marked as favourite.")
        if value == "1"
        else gettext("%(pictures)s no favourite any more.")
    )
    return told(changed, said % {"pictures": counted(changed)})


@on_photos
def concert(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Let photos belong to a concert (``concert``), or to none."""
    return moved_to_concert(
        request, user, lambda found: arranging.set_concert(user.pk, ids, found), "photo"
    )


def moved_to_concert(
    request: HttpRequest, user: User, move: Callable[[Concert | None], int], noun: str
) -> HttpResponse:
    """Move to the concert that a form names, or out of any, and say how many moved."""
    try:
        found = _concert_of(request, user)
    except BadChoiceError as error:
        return refused(str(error))
    moved = move(found)
    pictures = counted(moved, noun)
    if found is None:
        words = gettext("%(pictures)s taken out of their concert.") % {"pictures": pictures}
    else:
        values = {"pictures": pictures, "concert": found.name}
        words = gettext("%(pictures)s moved to %(concert)s.") % values
        words = f"{words} {who_sees(found)}".rstrip()
    return told(moved, words)


def who_sees(concert: Concert) -> str:
    """Say that others see what has been moved; nobody shares their pictures unawares."""
    others = concert.members.count()
    if not others:
        return ""
    return ngettext(
        "%(count)d other person sees it there.", "%(count)d other people see it there.", others
    ) % {"count": others}


def _concert_of(request: HttpRequest, user: User) -> Concert | None:
    """Return the concert that a form names; another user's is 404.

    Raises:
        BadChoiceError: It names none that could be.
    """
    raw = request.POST.get("concert", "")
    if not raw:
        return None
    try:
        wanted = UUID(raw)
    except ValueError as error:
        raise BadChoiceError(gettext("There is no such concert.")) from error
    return get_object_or_404(queries.concerts_visible_to(user), pk=wanted)


@on_photos
def shift(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Move the dates of photos by ``hours``, which may be a fraction or negative."""
    try:
        hours = float(request.POST.get("hours", ""))
    except ValueError:
        hours = float("nan")
    if not abs(hours) <= arranging.MOST_HOURS or hours == 0:
        return refused(gettext("Write by how many hours, as -9 or 1.5."))
    try:
        changed = arranging.shift_times(user.pk, ids, timedelta(hours=hours))
    except OverflowError:
        return refused(gettext("That is beyond all calendars."))
    undated = len(ids) - changed
    rest = (
        gettext(" %(undated)s without a date stayed as they are.") % {"undated": counted(undated)}
        if undated
        else ""
    )
    return told(
        changed,
        gettext("%(pictures)s shifted by %(hours)s hours.%(rest)s")
        % {"pictures": counted(changed), "hours": f"{hours:+g}", "rest": rest},
    )


@on_photos
def date(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Say when photos were taken (``taken``, on the clock of the place)."""
    taken = _local_time(request.POST.get("taken", ""))
    if taken is None:
        return refused(gettext("Choose a day and a time from 1970 on."))
    changed = arranging.set_time(user.pk, ids, taken)
    return told(
        changed,
        gettext("%(pictures)s dated to %(taken)s.")
        % {"pictures": counted(changed), "taken": date_format(taken, gettext("j F Y, H:i"))},
    )


def _local_time(raw: str) -> datetime | None:
    try:
        taken = parse_datetime(raw)
    except ValueError:
        return None
    if taken is None or taken.tzinfo is not None or not 1970 <= taken.year < 9999:
        return None
    return taken
