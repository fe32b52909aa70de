"""The recognise stage: find the faces of a photo, embed them with consent, name them.

Running it again updates the rows in place, so addresses of faces stay, and so does every decision
of the user.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.messages import faces_found
from webapp.analysis.models import DetectedFace
from webapp.analysis.names.galleries import galleries
from webapp.analysis.names.naming import NAME_FIELDS, compare, name_faces, ruled_out
from webapp.analysis.renamed import follow
from webapp.core import jobs
from webapp.people.gallery.changes import note_change
from webapp.people.line_ups import members_at
from webapp.people.models import Reference
from webapp.people.queries import gallery_state, locked_gallery_state
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

UNMOVED_IOU = 0.9
"""A box that overlaps its old self by this much keeps the emotion and embedding that it had."""

_FOUND_FIELDS = (
    *("x1", "y1", "x2", "y2", "score", "landmarks", "quality", "embedding", "embedder"),
    *NAME_FIELDS,
)
"""What recognition writes of a face that was there before; its emotion may be read meanwhile."""


class _GalleryChangedError(Exception):
    """The names were matched against a gallery that is out of date."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What was so when the work began."""

    generation: int
    may_embed: bool


@dataclass(frozen=True, slots=True)
class _Embedding:
    """What becomes of the embeddings of a photo.

    Attributes:
        embedder: Tag of the model whose new embeddings are written; empty when there are none, or
            none may be written.
        may_keep: Whether a face that got no new one keeps its own, if it did not move.
    """

    embedder: str
    may_keep: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """The faces of a photo as they are to be stored.

    Attributes:
        lost: Ids of the rows that show no face any more.
        unmoved: Ids of the faces that are where they were.
    """

    faces: list[DetectedFace]
    lost: list[int]
    unmoved: frozenset[int]


def recognise_photo(claim: jobs.Claim, photo: Photo) -> None:
    """Find, embed and name the faces of a photo and store them.

    The models run before the transaction, and so does the matching; the names are matched again if
    the gallery changed before the commit.

    Raises:
        vision.VisionError: The photo is unreadable or the detector is missing.
        jobs.LostClaimError: The photo was deleted or the job given to somebody else.
    """
    _, generation = gallery_state(claim.owner_id)
    before = _Before(generation, has_consent(claim.owner_id))
    is_kept = Q(named_by=DetectedFace.NamedBy.USER) | Q(is_drawn=True)
    decided = DetectedFace.objects.shown().filter(is_kept, photo=photo)
    seen = vision.find_faces(
        files_of(photo.pk).full,
        embed=before.may_embed,
        keep=[shape_of(face) for face in decided],
    )
    while not _store(claim, photo.pk, seen, before):
        pass


def shape_of(face: DetectedFace) -> vision.FaceShape:
    """Return where a stored face is."""
    landmarks = tuple((float(x), float(y)) for x, y in face.landmarks)
    return vision.FaceShape(face.box, face.score, landmarks)


def _store(claim: jobs.Claim, photo_id: UUID, seen: vision.SeenPhoto, before: _Before) -> bool:
    """Name the faces and write them; ``False`` when what that rests on has changed meanwhile."""
    gallery = galleries.of(claim.owner_id)
    writing = _embedding_now(claim.owner_id, seen, before, gallery.generation)
    found = _merge(photo_id, seen, writing)
    shown = [face for face in found.faces if face.dismissed_at is None]
    settled = [] if writing.embedder else [face for face in shown if face.embedder]
    others = [face for face in shown if face not in settled]
    near = compare(gallery.people, others)
    there = members_at([photo_id]).get(photo_id, frozenset())
    name_faces(gallery.people, others, near, ruled_out([photo_id]), settled, line_up=there)
    try:
        with jobs.finish(claim) as done:
            # Every decision of the user moves the revision, so the rows are as they were read.
            revision, generation = locked_gallery_state(claim.owner_id)
            may_write = _embedding_now(claim.owner_id, seen, before, generation)
            _refuse_change((gallery.revision, writing), (revision, may_write))
            with counts.changing([photo_id]):
                _write(claim.owner_id, found, writing)
            Photo.objects.filter(pk=photo_id).update(face_count=len(shown))
            done.event("faces_found", {**faces_found(photo_id, seen.width, seen.height)})
            follow([photo_id])
    except _GalleryChangedError:
        return False
    return True


def _refuse_change(before: object, now: object) -> None:
    if before != now:
        raise _GalleryChangedError


def _embedding_now(
    owner_id: int, seen: vision.SeenPhoto, before: _Before, generation: int
) -> _Embedding:
    """Return what may be written, at this generation of the gallery.

    Whoever forgot all faces meanwhile wants neither new embeddings nor old ones. Taking consent
    back forbids new ones only, and without an embedder there are none: what was known stays.
    """
    is_same = generation == before.generation
    may_write = is_same and before.may_embed and has_consent(owner_id)
    return _Embedding(seen.embedder if may_write else "", may_keep=is_same)


def _write(owner_id: int, found: _Found, writing: _Embedding) -> None:
    """Save the faces of a photo; in the transaction that finishes the job."""
    DetectedFace.objects.filter(pk__in=found.lost).delete()
    for face in found.faces:
        face.save(update_fields=_FOUND_FIELDS if face.pk in found.unmoved else None)
    if writing.embedder:
        _refresh_references(owner_id, found.faces)


def _merge(photo_id: UUID, seen: vision.SeenPhoto, writing: _Embedding) -> _Found:
    """Return the photo's faces as they are now, in old rows where they are the same faces."""
    old = list(DetectedFace.objects.filter(photo_id=photo_id).order_by("id"))
    boxes = [face.shape.box for face in seen.faces]
    pairs = vision.pair_boxes(boxes, [face.box for face in old])
    faces, unmoved = [], set()
    for index, shown in enumerate(seen.faces):
        face = old[pairs[index]] if index in pairs else DetectedFace(photo_id=photo_id)
        if _update(face, shown, writing):
            unmoved.add(face.pk)
        faces.append(face)
    gone = [face for index, face in enumerate(old) if index not in set(pairs.values())]
    kept = [face for face in gone if face.is_kept]
    lost = [face.pk for face in gone if not face.is_kept]
    return _Found(faces + kept, lost, frozenset(unmoved))


def _update(face: DetectedFace, found: vision.SeenFace, writing: _Embedding) -> bool:
    """Write what was seen into a row; return whether it is where it was before."""
    shape = found.shape
    has_moved = face.pk is None or vision.box_iou(face.box, shape.box) < UNMOVED_IOU
    if has_moved:
        face.set_emotion()
    face.x1, face.y1, face.x2, face.y2 = shape.box
    face.score = shape.score
    face.landmarks = [list(point) for point in shape.landmarks]
    face.quality = found.quality
    if writing.embedder and found.embedding is not None:
        face.embedding, face.embedder = found.embedding, writing.embedder
    elif has_moved or not writing.may_keep:
        face.embedding, face.embedder = None, ""
    return not has_moved


def _refresh_references(owner_id: int, faces: list[DetectedFace]) -> None:
    """Let references that were made from these faces follow a new embedder."""
    people = set()
    for face in faces:
        if face.reference_id and face.embedding is not None:
            old = Reference.objects.filter(pk=face.reference_id).exclude(embedder=face.embedder)
            people |= set(old.values_list("person_id", flat=True))
            old.update(embedding=face.embedding, embedder=face.embedder, quality=face.quality)
    if people:
        note_change(owner_id, people=people)
