"""Where photos stand in time: headings in a grid, and the months of its scrubber."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from webapp.core.web.paging import BadQueryError, NewestFirst
from webapp.photos.models import Concert, Photo

MOST_MONTHS = 360


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above photos of one day and one concert.

    Attributes:
        key: By which scripts know that photos stand under the same heading.
        at: Some time of that day, in the zone in which the photos are shown.
    """

    key: str
    at: datetime
    concert: Concert | None


def add_headings(photos: Iterable[Photo], order: NewestFirst) -> None:
    """Give the first photo of each day and concert its ``heading``, and the others ``None``."""
    before = ""
    for photo in photos:
        heading = heading_of(photo, order)
        is_first = heading.key != before
        photo.heading = heading if is_first else None  # type: ignore[attr-defined]
        before = heading.key


def heading_of(photo: Photo, order: NewestFirst) -> Heading:
    """Return the heading that a photo stands under."""
    at = getattr(photo, order.field).astimezone(photo.zone)
    return Heading(key_of(at, photo.concert_id), at, photo.concert)


def key_of(at: datetime, concert_id: UUID | None) -> str:
    """Return what the photos of one day and concert have in common."""
    return f"{at:%Y-%m-%d} {concert_id or ''}".strip()


def months_of(photos: QuerySet[Photo], order: NewestFirst) -> list[str]:
    """Return the months in which there are photos, as ``2026-05``, newest first.

    One step in the index for each: nothing is counted, however many photos there are.
    """
    field, found = order.field, list[str]()
    times = photos.order_by(f"-{field}").values_list(field, flat=True)
    zone = timezone.get_current_timezone()
    latest = times.first()
    while latest is not None and len(found) < MOST_MONTHS:
        local = latest.astimezone(zone)
        found.append(f"{local:%Y-%m}")
        start = datetime(local.year, local.month, 1, tzinfo=zone).astimezone(UTC)
        latest = times.filter(**{f"{field}__lt": start}).first()
    return found


def months_among(photos: QuerySet[Photo], order: NewestFirst) -> list[str]:
    """Return the same months as ``months_of`` by reading all photos: for a few, far apart."""
    zone = timezone.get_current_timezone()
    times = photos.order_by().values_list(order.field, flat=True)
    months = {f"{at.astimezone(zone):%Y-%m}" for at in times}
    return sorted(months, reverse=True)[:MOST_MONTHS]


def end_of(month: str, zone: tzinfo) -> datetime:
    """Return the first instant after a month written ``2026-05``.

    Raises:
        BadQueryError: It is no month.
    """
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
        years, months = divmod(first.month, 12)
        return first.replace(year=first.year + years, month=months + 1).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQueryError(gettext("There is no such month.")) from error
