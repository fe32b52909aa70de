"""The only way to the files of photos: each is asked for by id, and who asks is checked."""

from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from webapp.access.rights import Right
from webapp.core.web import sending
from webapp.photos import queries, storage
from webapp.photos.arrival.folders import PICTURE_SUFFIXES
from webapp.photos.models import Photo
from webapp.vision.sandbox import photos as photo_files

_ANY = "application/octet-stream"
_SHOWN_IN_BIN = {"thumb", "display"}
_EXTENSIONS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic"}


@require_safe
def media(request: HttpRequest, photo_id: UUID, variant: str) -> HttpResponseBase:
    """Send one file of a photo: pictures made here inline, the original only as attachment.

    An original may be a valid photo and a web page at once, so a browser never shows it.
    """
    photo = (
        queries.photos_with_files_for(request.user, _right_to(variant)).filter(pk=photo_id).first()
    )
    path = _path(storage.files_of(photo_id), variant)
    if photo is None or path is None or (photo.binned_at and variant not in _SHOWN_IN_BIN):
        raise Http404
    if variant == "original":
        return _original(request, photo, path)
    name = _name(photo, variant) if "download" in request.GET else ""
    kind = "image/png" if path.suffix == ".png" else "image/jpeg"
    return sending.send_file(request, path, kind, attachment=name)


def _right_to(variant: str) -> Right:
    """Return what it takes: to look, to take the original away, to choose who stays sharp."""
    return {"original": Right.DOWNLOAD, "masks": Right.OWN}.get(variant, Right.SEE)


def _original(request: HttpRequest, photo: Photo, path: Path) -> HttpResponseBase:
    """Send an original without its places, also where no worker has taken them out yet.

    That is so for a photo that was not read in, and for one of an older version. Where nobody can
    say what is in the file, it does not leave.
    """
    if photo.is_without_places:
        return sending.send_file(request, path, _ANY, attachment=_name(photo))
    try:
        content = photo_files.without_places(path)
    except (photo_files.UnreadablePhotoError, OSError) as error:
        raise Http404 from error
    return sending.send_content(content, _ANY, attachment=_name(photo))


def _path(files: storage.PhotoFiles, variant: str) -> Path | None:
    return {
        "thumb": files.thumb,
        "display": files.display,
        "full": files.full,
        "portrait": files.portrait,
        "portrait-display": files.portrait_display,
        "masks": files.masks,
        "original": files.original,
    }.get(variant)


def _name(photo: Photo, variant: str = "") -> str:
    """Name the download after the photo, with the extension that its content has."""
    name = Path(photo.display_name)
    stem = name.stem if name.suffix.lower() in PICTURE_SUFFIXES else name.name
    extension = ".jpg" if variant else _EXTENSIONS.get(photo.format, "")
    kind = "" if variant in {"", "full"} else f" {variant}"
    return (stem or "photo") + kind + extension
