"""A face that the detector missed, as the user draws it."""

import math
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from webapp import vision
from webapp.analysis.models import DetectedFace
from webapp.analysis.services import decided
from webapp.core import jobs
from webapp.people.queries import locked_gallery_state
from webapp.photos.models import Photo

RECOGNISE_STAGE = "recognise"
LEAST_SIDE = 12
"""In pixels of the photo; nobody can be told by a smaller face."""

MOST_FACES = 500
DRAWN_SCORE = 1.0


class BadBoxError(Exception):
    """The box cannot hold a face; the text is a sentence for the user."""


def draw_face(photo: Photo, shares: Sequence[float]) -> DetectedFace:
    """Add a face to a photo that was searched; landmarks and embedding follow in a job.

    Args:
        photo: Whose faces were searched for.
        shares: ``x1, y1, x2, y2`` as shares (0 to 1) of the photo's width and height.

    Raises:
        BadBoxError: The box is no box, too small, or holds a face that is known.
    """
    if photo.face_count is None or not photo.width or not photo.height:
        raise BadBoxError(
            gettext("This photo is not searched for faces yet. Try again in a moment.")
        )
    box = _box_in_pixels(shares, photo.width, photo.height)
    with transaction.atomic():
        locked_gallery_state(photo.owner_id)
        known = list(DetectedFace.objects.filter(photo=photo).only("x1", "y1", "x2", "y2"))
        if len(known) >= MOST_FACES:
            raise BadBoxError(
                gettext("A photo can have at most %(count)s faces.") % {"count": MOST_FACES}
            )
        _refuse_known(box, known)
        x1, y1, x2, y2 = box
        face = DetectedFace.objects.create(
            photo=photo, x1=x1, y1=y1, x2=x2, y2=y2, score=DRAWN_SCORE, is_drawn=True
        )
        decided(photo.owner_id, [face])
        jobs.enqueue(RECOGNISE_STAGE, photo.pk, photo.owner_id)
    return face


def _box_in_pixels(shares: Sequence[float], width: int, height: int) -> vision.Box:
    if len(shares) != 4 or not all(math.isfinite(share) for share in shares):
        raise BadBoxError(gettext("Draw a box around the face."))
    left, top, right, bottom = (min(1.0, max(0.0, share)) for share in shares)
    x1, x2 = sorted((round(left * width, 2), round(right * width, 2)))
    y1, y2 = sorted((round(top * height, 2), round(bottom * height, 2)))
    if min(x2 - x1, y2 - y1) < LEAST_SIDE:
        raise BadBoxError(
            gettext(
                "This box is too small: %(count)s pixels of the photo are the least. Draw it "
                "around the whole face."
            )
            % {"count": LEAST_SIDE}
        )
    return x1, y1, x2, y2


def _refuse_known(box: vision.Box, known: Sequence[DetectedFace]) -> None:
    if vision.pair_boxes([box], [face.box for face in known]):
        raise BadBoxError(
            gettext(
                "There is a face in this place already. If you have dismissed it, bring it back."
            )
        )
