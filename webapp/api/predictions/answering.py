"""What a worker does with the pictures of a prediction: read, named, told, and nothing kept."""

import base64
from typing import Any
from uuid import UUID

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.names.galleries import galleries
from webapp.api.predictions.exchange import Exchange, Wish
from webapp.core import jobs
from webapp.people.models import Person
from webapp.vision.sandbox.photos import (
    DecoderDiedError,
    TooLittleMemoryError,
    UnreadablePhotoError,
)
from webapp.vision.sandbox.waiting import decoder

NO_CONSENT = "Nobody is named: face recognition was not agreed to on the account page."
DECODER_DIED = "This picture could not be decoded."


def predict(claim: jobs.Claim) -> None:
    """Answer a prediction; nothing is written but its answer.

    Raises:
        jobs.LostClaimError: Who asked has gone.
    """
    exchange = Exchange(claim.subject_id)
    try:
        wish = exchange.wish()
        may_embed = has_consent(claim.owner_id)
        pictures = [
            _read(exchange, number, wish, claim.owner_id, may_embed=may_embed)
            for number in range(len(wish.names))
        ]
        exchange.tell({"pictures": pictures})
    except FileNotFoundError as error:
        raise jobs.LostClaimError(f"prediction {claim.subject_id} is gone") from error


def _read(
    exchange: Exchange, number: int, wish: Wish, owner_id: int, *, may_embed: bool
) -> dict[str, Any]:
    """Return what is in one picture, or why nobody can say."""
    name = wish.names[number]
    pixels = exchange.pixels(number)
    try:
        decoder.decode(exchange.picture(number), pixels)
        read = vision.read_picture(pixels, vision.PictureWish(may_embed, wish.mask, wish.portrait))
    except DecoderDiedError:
        return _failed(name, DECODER_DIED)
    except (UnreadablePhotoError, TooLittleMemoryError, vision.VisionError) as error:
        return _failed(name, str(error))
    finally:
        pixels.unlink(missing_ok=True)
    notes = [*read.unavailable, *([] if may_embed else [NO_CONSENT])]
    return {
        "name": name,
        "error": "",
        "width": read.seen.width,
        "height": read.seen.height,
        "faces": _faces(read, owner_id),
        "mask": _text(read.mask),
        "portrait": _text(read.portrait),
        "notes": notes,
        "models": {part: tag for part, tag in read.models.items() if tag},
    }


def _failed(name: str, reason: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"mask": None, "portrait": None, "notes": [], "models": {}}
    return {"name": name, "error": reason, "width": 0, "height": 0, "faces": [], **empty}


def _text(picture: bytes) -> str | None:
    return base64.b64encode(picture).decode() if picture else None


def _faces(read: vision.ReadPicture, owner_id: int) -> list[dict[str, Any]]:
    """Return the faces of a picture, from left to right."""
    names = _names(read.seen, owner_id)
    faces = []
    for place, face in enumerate(read.seen.faces):
        emotion = read.emotions[place] if read.emotions else None
        faces.append(
            {
                "box": list(face.shape.box),
                "landmarks": [list(point) for point in face.shape.landmarks],
                "score": face.shape.score,
                "quality": round(face.quality, 4),
                "names": names[place],
                "emotion": emotion.label if emotion else "",
                "emotions": emotion.probabilities if emotion else {},
            }
        )
    return sorted(faces, key=lambda face: face["box"][0])


def _names(seen: vision.SeenPhoto, owner_id: int) -> list[list[dict[str, Any]]]:
    """Return, for each face, who it shows and whom it resembles; as pages would name it."""
    probes = [vision.Probe(face.embedding, seen.embedder, face.quality) for face in seen.faces]
    if not seen.embedder:
        return [[] for _ in probes]
    found = galleries.of(owner_id).people.name_faces(probes)
    ids = {one.person for naming in found for one in naming.candidates}
    people = Person.objects.filter(owner_id=owner_id).select_related("group").in_bulk(list(ids))
    return [_candidates(naming, people) for naming in found]


def _candidates(naming: vision.Naming, people: dict[UUID, Person]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one.person),
            "name": people[one.person].name,
            "group": _group(people[one.person]),
            "similarity": round(one.similarity, 4),
            "sureness": "sure" if one == naming.match else "perhaps",
        }
        for one in sorted(naming.candidates, key=lambda one: one != naming.match)
        if one.person in people
    ]


def _group(person: Person) -> str:
    return person.group.name if person.group else ""
