"""Which files of portraits there have to be, and how they are made anew."""

from collections.abc import Iterator
from uuid import UUID

from webapp.analysis.models import Portrait
from webapp.core import jobs
from webapp.core.safekeeping.inventory import Holding, Inventory
from webapp.photos.storage import files_of

STAGE = "portrait"


def _portraits() -> Iterator[Holding]:
    rendered = Portrait.objects.filter(has_person=True).exclude(rendered_strength=None)
    for photo_id in rendered.order_by("pk").values_list("photo_id", flat=True):
        files = files_of(photo_id)
        for path in (files.alpha, files.portrait, files.portrait_display):
            yield Holding(photo_id, path, is_derived=True)


def _draw_again(photo_id: UUID) -> None:
    for portrait in Portrait.objects.filter(photo=photo_id).select_related("photo"):
        jobs.enqueue(STAGE, photo_id, portrait.photo.owner_id)


INVENTORY = Inventory("portraits", _portraits, _draw_again)
