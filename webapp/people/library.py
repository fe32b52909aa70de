"""Which crops of faces there have to be, by their references."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from webapp.accounts.queries import has_consent
from webapp.core.files.media import Kind
from webapp.core.safekeeping.inventory import Holding, Inventory
from webapp.people.models import PeopleGallery, Reference
from webapp.people.storage import crop_path


def _references() -> Iterable[UUID]:
    return Reference.objects.values_list("pk", flat=True)


def _is_forgotten(crop: Path) -> bool:
    """Whether the crop is of a user who has had all faces forgotten, and not agreed again."""
    owner_id = crop.parent.name
    if not owner_id.isdecimal():
        return False
    forgotten = PeopleGallery.objects.filter(owner_id=int(owner_id), generation__gt=0)
    return forgotten.exists() and not has_consent(int(owner_id))


KINDS = (
    Kind(
        "crops of faces",
        "references/*/[!.]*.jpg",
        rows=_references,
        is_forgotten=_is_forgotten,
    ),
    Kind(
        "half-written crops",
        "references/*/.*.part",
        is_unfinished=True,
        is_forgotten=_is_forgotten,
    ),
)


def _crops() -> Iterator[Holding]:
    for reference_id, owner_id in Reference.objects.order_by("pk").values_list("pk", "owner_id"):
        yield Holding(reference_id, crop_path(owner_id, reference_id))


INVENTORY = Inventory("crops of faces", _crops)
