"""The portrait version of a photo: its files, its strength, and drawing it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from webapp import vision
from webapp.analysis.messages import portrait_ready
from webapp.analysis.models import Portrait
from webapp.analysis.queries import faces_of
from webapp.analysis.subjects import wanted_heads
from webapp.core import jobs, orphans
from webapp.core.durable import write_synced
from webapp.photos.models import Photo
from webapp.photos.storage import PhotoFiles, files_of


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
    heads = wanted_heads(photo, portrait, faces_of(photo))
    is_same = heads == portrait.rendered_heads
    if portrait.model and portrait.has_person and is_same and files.alpha.is_file():
        drawn = vision.render_portrait(files.full, files.alpha, portrait.strength)
    else:
        drawn = vision.make_portrait(files.full, portrait.strength, heads)
        portrait.model, portrait.has_person = drawn.model, drawn.has_person
        portrait.rendered_heads = heads
    with _prepared(_contents(files, drawn)) as parts, jobs.finish(claim) as done:
        for part, path in parts.items():
            part.replace(path)
        if not portrait.has_person:
            _remove(files)
        portrait.rendered_strength = portrait.strength if portrait.has_person else None
        portrait.save()
        done.event("portrait_ready", {**portrait_ready(photo.pk, has_person=portrait.has_person)})


def _contents(files: PhotoFiles, drawn: vision.PortraitFiles) -> dict[Path, bytes]:
    wanted = {
        files.alpha: drawn.alpha,
        files.portrait: drawn.full,
        files.portrait_display: drawn.display,
    }
    return {path: content for path, content in wanted.items() if content}


@contextmanager
def _prepared(contents: dict[Path, bytes]) -> Iterator[dict[Path, Path]]:
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
    for path in (files.alpha, files.portrait, files.portrait_display):
        orphans.erase(path)
