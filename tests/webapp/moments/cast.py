"""Moments and their frames to test with."""

import itertools
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests.webapp.analysis.cast import make_photo
from webapp.accounts.models import User
from webapp.moments.models import Moment, MomentFrame
from webapp.photos.models import Photo

TERMS = {"expression": 0.8, "sharpness": 0.6}
_numbers = itertools.count(1)


def make_frame(moment: Moment, photo: Photo | None = None, **fields: Any) -> MomentFrame:
    """Make one frame of a moment; without a photo it has not arrived."""
    number = next(_numbers)
    values = {
        "number": number,
        "captured_at": 1000.0 + 66 * number,
        "score": 0.5,
        "terms": TERMS,
        "reason": "eyes open, sharp",
        "box": [0.4, 0.2, 0.6, 0.5],
    }
    return MomentFrame.objects.create(moment=moment, photo=photo, **{**values, **fields})


def make_moment(owner: User, *, alternates: int = 2, **fields: Any) -> Moment:
    """Make a moment that is ready: a picked frame in the library and some alternates."""
    values = {"key": uuid4().hex, "at": timezone.now(), "state": Moment.State.READY, "score": 0.7}
    picked = make_photo(owner, shelf=Photo.Shelf.MOMENT)
    moment = Moment.objects.create(owner=owner, photo=picked, **{**values, **fields})
    make_frame(moment, picked, is_picked=True, score=0.7)
    for _ in range(alternates):
        make_frame(moment, make_photo(owner, shelf=Photo.Shelf.ALTERNATE))
    return moment
