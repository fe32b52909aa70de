"""What goes into the ZIP of some photos."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext

from webapp.analysis.models import DetectedFace
from webapp.analysis.takeout.xmp import Facts, Region, sidecar
from webapp.core.web.zipping import Entry, file_entry, text_entry, unused
from webapp.photos.chosen import portions
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.vision.sandbox import photos as photo_files

CHOICES = ("originals", "portraits", "both")
LEFT_OUT = "left out.txt"
NO_CONCERT = "no concert"
_NAME_LENGTH = 100
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic"}


def entries(photos: Sequence[Photo], what: str) -> list[Entry]:
    """Return the files of photos, each with its names beside it.

    Args:
        photos: With their concerts read along.
        what: One of ``CHOICES``. A photo without a portrait version is left out of portraits.
    """
    found: list[Entry] = []
    missing: list[str] = []
    taken: set[str] = set()
    regions = _regions([photo.pk for photo in photos])
    for photo in photos:
        pictures = list(_pictures(photo, what, taken))
        found += pictures
        if not pictures and what != "portraits":
            missing.append(photo.display_name)
        if pictures and photo.width and photo.height:
            facts = _facts(photo, regions.get(photo.pk, []))
            text = sidecar(facts)
            found += [text_entry(f"{one.name}.xmp", text, one.at) for one in pictures]
    if missing and photos:
        text = gettext("These could not be read and are not in here:\n") + "\n".join(missing) + "\n"
        found.append(text_entry(LEFT_OUT, text, photos[0].created_at))
    return found


def _facts(photo: Photo, regions: list[Region]) -> Facts:
    return Facts(
        width=photo.width or 1,
        height=photo.height or 1,
        regions=regions,
        taken=photo.taken_at.astimezone(photo.zone) if photo.taken_at else None,
        event=photo.concert.name if photo.concert else "",
        is_favourite=photo.is_favourite,
    )


def _pictures(photo: Photo, what: str, taken: set[str]) -> Iterator[Entry]:
    """Yield the versions of a photo that are there."""
    files = files_of(photo.pk)
    at = (photo.taken_at or photo.created_at).astimezone(photo.zone)
    stem = f"{_folder(photo)}/{safe_name(Path(photo.display_name).stem, 'photo')}"
    try:
        if what != "portraits":
            suffix = _SUFFIXES.get(photo.format, "")
            original = file_entry(f"{stem}{suffix}", files.original, at)
            if not photo.is_without_places:  # Read when it is sent: a child process looks at it.
                original = Entry(original.name, original.size, at, partial(_blank, files.original))
            yield _renamed(original, taken)
        if what != "originals" and files.portrait.is_file():
            yield _renamed(file_entry(f"{stem} portrait.jpg", files.portrait, at), taken)
    except OSError:
        return


def _renamed(entry: Entry, taken: set[str]) -> Entry:
    return Entry(unused(entry.name, taken), entry.size, entry.at, entry.read)


def _blank(path: Path) -> Iterator[bytes]:
    """Yield an original without its places, which keeps its length."""
    try:
        yield photo_files.without_places(path)
    except photo_files.UnreadablePhotoError as error:
        raise OSError(str(error)) from error


def _folder(photo: Photo) -> str:
    if photo.concert is None:
        return NO_CONCERT
    day = f"{photo.concert.date:%Y-%m-%d} " if photo.concert.date else ""
    return safe_name(f"{day}{photo.concert.name}", "concert")


def safe_name(text: str, otherwise: str) -> str:
    """Return a text as a file's or folder's name on every system; never empty."""
    plain = "".join(one for one in unicodedata.normalize("NFC", text) if one.isprintable())
    kept = re.sub(r'[<>:"/\\|?*]', "", plain)
    return kept.strip(" .")[:_NAME_LENGTH].strip(" .") or otherwise


def _regions(photo_ids: Iterable[UUID]) -> dict[UUID, list[Region]]:
    """Return the named faces of photos, from left to right."""
    found: defaultdict[UUID, list[Region]] = defaultdict(list)
    for some in portions(photo_ids):
        named = DetectedFace.objects.filter(photo__in=some, person__isnull=False)
        rows = named.order_by("x1", "id").values_list(
            "photo_id", "person__name", "x1", "y1", "x2", "y2"
        )
        for photo_id, name, *box in rows:
            x1, y1, x2, y2 = box
            found[photo_id].append(Region(name, (x1, y1, x2, y2)))
    return found
