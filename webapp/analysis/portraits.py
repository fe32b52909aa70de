"""The portrait version of a photo: its files, its strength, and drawing it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from webapp import vision
from webapp.analysis.messages import portrait_ready
from webapp.analysis.models import Portrait
from webapp.analysis.queries import faces_of
from webapp.analysis.subjects import choosable, heads_of, wanted_heads
from webapp.core import jobs
from webapp.core.files import orphans
from webapp.core.files.durable import write_synced
from webapp.photos.models import Photo
from webapp.photos.storage import PhotoFiles, files_of

_DRAWN_FIELDS = (
    *("has_person", "model", "rendered_strength", "rendered_lights", "rendered_heads"),
    "choosing_heads",
)
"""What drawing decides; the wishes may have changed meanwhile."""


def draw_portrait(claim: jobs.Claim, photo: Photo) -> None:
    """Make the portrait version, or draw it again from the stored mask with another strength.

    The stored mask serves as long as it is about the same people.

    Raises:
        vision.VisionError: The photo is unreadable or the portrait model is missing.
        jobs.LostClaimError: The photo was deleted, or the user wants yet another strength.
        FileNotFoundError: The photo was deleted.
    """
    files = files_of(photo.pk)
    portrait = Portrait.objects.filter(photo=photo).first() or Portrait(photo=photo)
    drawn = _drawn(files, photo, portrait)
    with prepared(_contents(files, drawn)) as parts, jobs.finish(claim) as done:
        for part, path in parts.items():
            part.replace(path)
        if not portrait.has_person:
            _remove(files)
        portrait.rendered_strength = portrait.strength if portrait.has_person else None
        portrait.rendered_lights = portrait.lights
        Portrait.objects.update_or_create(
            photo=photo, defaults={name: getattr(portrait, name) for name in _DRAWN_FIELDS}
        )
        done.event("portrait_ready", {**portrait_ready(photo.pk, has_person=portrait.has_person)})


def _drawn(files: PhotoFiles, photo: Photo, portrait: Portrait) -> vision.PortraitFiles:
    """Draw, and note in the row, which is not saved, what the mask is about."""
    faces = faces_of(photo)
    heads = wanted_heads(photo, portrait, faces)
    is_same = heads == portrait.rendered_heads
    strength, lights = portrait.strength, portrait.lights
    if portrait.model and portrait.has_person and is_same and files.alpha.is_file():
        return vision.render_portrait(files.full, files.alpha, strength, lights=lights)
    others = [box for box in heads_of(faces) if box not in heads] if heads else []
    drawn = vision.make_portrait(
        files.full, strength, heads, others, lights=lights, faceless=not faces
    )
    if portrait.model != drawn.model:
        portrait.choosing_heads = None
    portrait.model, portrait.has_person = drawn.model, drawn.has_person
    portrait.rendered_heads = heads
    return drawn


def draw_masks(claim: jobs.Claim, photo: Photo) -> None:
    """Make the masks of the people of a photo by which the user chooses who stays sharp.

    Raises:
        vision.VisionError: The photo is unreadable or the portrait model is missing.
        jobs.LostClaimError: The photo was deleted, or the masks were asked for anew.
    """
    files = files_of(photo.pk)
    heads = heads_of(choosable(faces_of(photo)))
    content = vision.person_masks(files.display, heads, width=photo.width or 1)
    with prepared({files.masks: content}) as parts, jobs.finish(claim) as done:
        for part, path in parts.items():
            part.replace(path)
        Portrait.objects.filter(photo=photo).update(choosing_heads=heads)
        done.event("masks_ready", {"photo": str(photo.pk)})


def _contents(files: PhotoFiles, drawn: vision.PortraitFiles) -> dict[Path, bytes]:
    wanted = {
        files.alpha: drawn.alpha,
        files.portrait: drawn.full,
        files.portrait_display: drawn.display,
    }
    return {path: content for path, content in wanted.items() if content}


@contextmanager
def prepared(contents: dict[Path, bytes]) -> Iterator[dict[Path, Path]]:
    """Write files beside their place; yields where each is and where it belongs.

    Writing takes long and renaming does not, so only the renaming waits for the transaction that
    knows whether the claim still holds.
    """
    parts = {path.with_name(f".{path.name}.{uuid4().hex}.part"): path for path in contents}
    try:
        for part, path in parts.items():
            write_synced(part, contents[path])
        yield parts
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _remove(files: PhotoFiles) -> None:
    for path in (files.alpha, files.portrait, files.portrait_display, files.masks):
        orphans.erase(path)
