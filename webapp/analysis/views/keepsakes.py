"""Downloads made of a photo: its people cut out, and a photocard."""

from itertools import chain
from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp import vision
from webapp.access.rights import Right
from webapp.analysis import subjects
from webapp.analysis.models import DetectedFace, Portrait
from webapp.analysis.queries import faces_of
from webapp.core.web import sending
from webapp.core.web.paging import BadQueryError
from webapp.photos.models import Photo
from webapp.photos.queries import photos_visible_to
from webapp.photos.storage import files_of

MOST_NAMES = 4


@require_safe
def cut_out(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """Send the people of a photo on nothing: those who are sharp in its portrait."""
    photo = get_object_or_404(photos_visible_to(request.user, Right.DOWNLOAD), pk=photo_id)
    files = files_of(photo.pk)
    if not (files.alpha.is_file() and files.full.is_file()):
        raise Http404
    pieces = vision.cut_out(files.full, files.alpha)
    try:
        first = next(pieces)
    except vision.UnreadablePhotoError as error:
        raise Http404 from error
    name = f"{_stem(photo)} cut-out.png"
    return sending.send_pieces(request, chain([first], pieces), "image/png", attachment=name)


@require_safe
def card(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """Send a photocard: ``picture`` portrait or plain, ``face`` whose, ``name`` and ``concert``."""
    photos = photos_visible_to(request.user, Right.DOWNLOAD).select_related("concert")
    photo = get_object_or_404(photos, pk=photo_id)
    shown = _shown(request, photo)
    files = files_of(photo.pk)
    is_portrait = request.GET.get("picture") != "plain" and files.portrait.is_file()
    text = vision.CardText(
        name=_names(shown) if request.GET.get("name") else "",
        line=_concert_line(photo) if request.GET.get("concert") else "",
    )
    path = files.portrait if is_portrait else files.full
    try:
        content = vision.photocard(
            path, [face.box for face in shown], width=photo.width or 1, text=text
        )
    except OSError as error:
        raise Http404 from error
    return sending.send_content(content, "image/jpeg", attachment=f"{_stem(photo)} card.jpg")


def _shown(request: HttpRequest, photo: Photo) -> list[DetectedFace]:
    """Return whom the card is about: one face, else those who are sharp in the portrait."""
    faces = faces_of(photo)
    wanted = request.GET.get("face", "")
    if wanted:
        chosen = [face for face in faces if str(face.pk) == wanted]
        if not chosen:
            raise BadQueryError(gettext("This face is not in the photo any more."))
        return chosen
    portrait = Portrait.objects.filter(photo=photo).first() or Portrait(photo=photo)
    sharp = subjects.choice_of(photo, portrait, faces).sharp
    return [face for face in faces if face.pk in sharp]


def _names(faces: list[DetectedFace]) -> str:
    names = [face.person.name for face in faces if face.person]
    return ", ".join(dict.fromkeys(names[:MOST_NAMES]))


def _concert_line(photo: Photo) -> str:
    if photo.concert is None:
        return ""
    day = photo.concert.date
    parts = (photo.concert.name, date_format(day, "j F Y") if day else "")
    return " · ".join(filter(None, parts))


def _stem(photo: Photo) -> str:
    return Path(photo.display_name).stem or "photo"
