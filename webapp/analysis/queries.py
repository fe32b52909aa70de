"""Reads about faces and portraits; each says for whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from webapp.access.rights import Asker, Right, granted
from webapp.analysis.models import DetectedFace, Rejection
from webapp.core.extension import stages
from webapp.core.models import Job
from webapp.people.models import Person
from webapp.people.queries import people_visible_to
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import open_to_members, stack_sizes
from webapp.vision.framing import object_position

NAMES_ON_A_CARD = 4
CARD_ASPECT = 4 / 3
"""Of the pictures of cards (``static/css/content.css``)."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody whom an unknown face resembles, too little to be named by itself."""

    person: Person
    similarity: float


def faces_visible_to(user: Asker, right: Right = Right.OWN) -> QuerySet[DetectedFace]:
    """Return the faces in photos on which this user has a right, the dismissed ones as well."""
    condition = granted(
        user,
        right,
        owner="photo__owner",
        concert="photo__concert",
        shared=open_to_members("photo__"),
    )
    own = DetectedFace.objects.filter(condition, photo__binned_at=None)
    return own.select_related("photo")


def stars_at(concert: Concert) -> QuerySet[Person]:
    """Return whom the photos of a concert show, by name, for those who see it and no other."""
    named = DetectedFace.objects.filter(photo__concert=concert, person__isnull=False)
    found = Person.objects.filter(pk__in=named.order_by().values("person"))
    return found.select_related("group")


def faces_of(photo: Photo) -> list[DetectedFace]:
    """Return a photo's faces that count, from left to right, with people, without embeddings."""
    rows = DetectedFace.objects.shown().filter(photo=photo).select_related("person__group")
    return list(rows.defer("embedding"))


def suggestions_for(user: Asker, faces: Sequence[DetectedFace]) -> dict[int, list[Suggestion]]:
    """Return whom each unnamed face resembles, best first, without those the user ruled out."""
    unnamed = [face for face in faces if face.person_id is None and face.candidates]
    if not unnamed:
        return {}
    ids = {UUID(candidate["person"]) for face in unnamed for candidate in face.candidates}
    people = people_visible_to(user).in_bulk(list(ids))
    rejected = set(Rejection.objects.filter(face__in=unnamed).values_list("face_id", "person_id"))
    found: defaultdict[int, list[Suggestion]] = defaultdict(list)
    for face in unnamed:
        for candidate in face.candidates:
            person = people.get(UUID(candidate["person"]))
            if person is not None and (face.pk, person.pk) not in rejected:
                found[face.pk].append(Suggestion(person, candidate["similarity"]))
    return found


def add_previews(photos: Iterable[Photo], of: UUID | None = None) -> list[Photo]:
    """Give each photo what its card shows: names, trouble, the size of its stack, and the faces.

    The first few names (``names_preview``) stand from left to right. ``trouble`` says why its faces
    could not be looked for, and is empty where they were or will be. ``stack_size`` counts the
    photos of the burst that it is the best of, 0 without one. ``focus`` keeps faces in the card:
    those of the person ``of``, else the named ones.
    """
    photos = list(photos)
    named = DetectedFace.objects.filter(photo__in=photos, person__isnull=False)
    names: defaultdict[UUID, list[str]] = defaultdict(list)
    boxes: defaultdict[UUID, list[tuple[float, ...]]] = defaultdict(list)
    rows = named.order_by("x1", "id")
    fields = ("photo_id", "person_id", "person__name", "x1", "y1", "x2", "y2")
    for photo_id, person_id, name, *box in rows.values_list(*fields):
        names[photo_id].append(name)
        if of in (None, person_id):
            boxes[photo_id].append(tuple(box))
    troubles, sizes = _troubles(photos), stack_sizes(photos)
    for photo in photos:
        photo.names_preview = names[photo.pk][:NAMES_ON_A_CARD]  # type: ignore[attr-defined]
        photo.focus = _focus(photo, boxes[photo.pk])  # type: ignore[attr-defined]
        photo.trouble = troubles.get(photo.pk, "")  # type: ignore[attr-defined]
        photo.stack_size = sizes.get(photo.pk, 0)  # type: ignore[attr-defined]
    return photos


def _focus(photo: Photo, boxes: Sequence[tuple[float, ...]]) -> str:
    """Return the ``object-position`` at which a card shows some faces (pixels) with their hair."""
    if not boxes or not photo.width or not photo.height:
        return ""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    sides = (photo.width, photo.height)
    around = (*_shares(min(lefts), min(tops), *sides), *_shares(max(rights), max(bottoms), *sides))
    return object_position(around, photo.width / photo.height, CARD_ASPECT)


def _shares(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    return x / width, y / height


def _troubles(photos: Iterable[Photo]) -> dict[UUID, str]:
    unsearched = [
        photo.pk
        for photo in photos
        if photo.face_count is None and photo.state == Photo.State.READY
    ]
    if not unsearched:
        return {}
    given_up = (Job.State.FAILED, Job.State.QUARANTINED)
    stopped = Job.objects.filter(subject_id__in=unsearched, stage="recognise", state__in=given_up)
    return dict(stopped.values_list("subject_id", "error"))


@dataclass(frozen=True, slots=True)
class PhotoJobs:
    """What is still to be done to a photo, in that order, and what was given up."""

    open: list[Job]
    failed: list[Job]


def jobs_of(photo: Photo) -> PhotoJobs:
    """Return the jobs of a photo that are not done."""
    # Its owner's other jobs are many; without the owner the planner takes the index of subjects.
    jobs = Job.objects.filter(subject_id=photo.pk)
    undone = list(jobs.exclude(state=Job.State.DONE).order_by("pk"))
    waiting = [job for job in undone if job.state in (Job.State.PENDING, Job.State.RUNNING)]
    waiting.sort(key=lambda job: (job.state != Job.State.RUNNING, stages.rank_of(job.stage)))
    return PhotoJobs(waiting, [job for job in undone if job not in waiting])
