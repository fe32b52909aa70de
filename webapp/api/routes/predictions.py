"""``predict``: pictures in, what is in them out, nothing stored."""

from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, UploadedFile

from webapp.accounts.asker import signed_in
from webapp.api.access import may
from webapp.api.middleware import rate_name
from webapp.api.predictions.asking import ask
from webapp.api.predictions.exchange import Wish
from webapp.api.problems import ProblemError
from webapp.api.rates import count
from webapp.uploads.tus import harmless_name

router = Router()
MOST_PICTURES = 16


class Candidate(Schema):
    """Somebody whom a face shows or resembles.

    Attributes:
        similarity: Cosine similarity to the nearest reference, -1 to 1; no probability.
        sureness: ``sure`` for the one whom the site would name, ``perhaps`` for others.
    """

    id: UUID
    name: str
    group: str
    similarity: float
    sureness: Literal["sure", "perhaps"]


class PredictedFace(Schema):
    """A face in a picture; positions in pixels of the upright picture.

    Attributes:
        box: Left, top, right, bottom; may lie outside.
        landmarks: Left eye, right eye, nose, left and right mouth corner.
        score: How sure the detector is, 0 to 1.
        quality: How well somebody can be recognised by it, 0 to 1.
        names: Whom it shows, or whom it resembles; best first, at most one of them sure.
        emotion: The most probable one; empty where none is sure enough.
        emotions: Emotion to probability.
    """

    box: list[float]
    landmarks: list[list[float]]
    score: float
    quality: float
    names: list[Candidate]
    emotion: str
    emotions: dict[str, float]


class PredictedPicture(Schema):
    """What is in one picture.

    Attributes:
        name: What the file was called.
        error: Why nobody can say; empty if all is well.
        faces: From left to right.
        mask: PNG of the people in Base64, at most 2048 px on the longer side.
        portrait: JPEG of the picture with its background blurred in Base64, of the same size.
        notes: What could not be said, and why, as sentences.
        models: By which models this was found.
    """

    name: str
    error: str
    width: int
    height: int
    faces: list[PredictedFace]
    mask: str | None
    portrait: str | None
    notes: list[str]
    models: dict[str, str]


class Prediction(Schema):
    """What is in the pictures of a request, in their order."""

    pictures: list[PredictedPicture]


@router.post("/predict", auth=may("predict"), response=Prediction, operation_id="predict")
def predict(
    request: HttpRequest,
    pictures: Annotated[list[UploadedFile], File(min_length=1, max_length=MOST_PICTURES)],
    mask: Annotated[bool, Form()] = False,  # noqa: FBT002 - fields of a form
    portrait: Annotated[bool, Form()] = False,  # noqa: FBT002
    strength: Annotated[float, Form(ge=0, le=1)] = 0.5,
) -> HttpResponse:
    """Say what is in up to 16 pictures: faces, names of your own people, emotions, quality.

    On wish with the mask of the people and a portrait, as Base64: one answer that every client can
    read. Nothing is kept. A picture that cannot be read has an ``error``; the others are answered.
    """
    limit = settings.PREDICT_PICTURES_PER_MINUTE
    allowance = count(f"predict:{rate_name(request)}", limit, len(pictures))
    if allowance.is_exceeded:
        raise ProblemError(429, f"More than {limit} pictures in a minute.", allowance.headers())
    _check_sizes(pictures)
    wish = Wish(
        names=[harmless_name(picture.name or "", nameless="picture") for picture in pictures],
        mask=mask,
        portrait=strength if portrait else None,
    )
    answer = ask(signed_in(request), pictures, wish)
    return HttpResponse(answer, content_type="application/json; charset=utf-8")


def _check_sizes(pictures: list[UploadedFile]) -> None:
    if any(not picture.size for picture in pictures):
        raise ProblemError(422, "A picture is empty.")
