"""Pictures for links that show nobody who is not named.

They are made from the picture for a screen by a worker, beside it, and lie there until the photo or
a name changes. Which faces they were made of is written down with them, so that one that is out of
date is never sent, whether its files are gone already or not.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from webapp import vision
from webapp.analysis.models import DetectedFace
from webapp.analysis.portraits import prepared
from webapp.core import jobs
from webapp.core.files import orphans
from webapp.core.models import Job
from webapp.photos.models import Photo
from webapp.photos.storage import PhotoFiles, files_of
from webapp.sharing.models import HiddenPhoto

STAGE = "hide-bystanders"
ROUND = 1
"""Of how heads are hidden; a new way of doing it makes all pictures anew."""
MOST_WAITING = 60
"""So many pictures of one link are asked for at a time."""
BATCH = 500


def ready(photo_ids: Iterable[UUID]) -> set[UUID]:
    """Return the photos whose picture without bystanders is there and shows the present names."""
    wanted = set(photo_ids)
    made = dict(HiddenPhoto.objects.filter(photo__in=wanted).values_list("photo_id", "state"))
    states = _states(made)
    return {
        photo_id
        for photo_id, state in made.items()
        if state == states[photo_id] and files_of(photo_id).hidden.is_file()
    }


def ask_for(photo_ids: Iterable[UUID], owner_id: int, *, also_failed: bool = False) -> None:
    """Have pictures made, unless that is under way; one that could not be made waits for its owner.

    Args:
        photo_ids: Photos of one owner.
        owner_id: Whose they are.
        also_failed: Whether those are tried again that could not be made.
    """
    wanted = set(photo_ids)
    passed_over = [Job.State.PENDING, Job.State.RUNNING]
    if not also_failed:
        passed_over += [Job.State.FAILED, Job.State.QUARANTINED]
    known = Job.objects.filter(stage=STAGE, subject_id__in=wanted, state__in=passed_over)
    waiting = set(known.values_list("subject_id", flat=True))
    for photo_id in sorted(wanted - waiting)[: max(0, MOST_WAITING - len(waiting))]:
        jobs.enqueue(STAGE, photo_id, owner_id)


def forget(owner_id: int, photo_ids: Collection[UUID]) -> None:
    """Remove the pictures of photos whose names have changed; they are made anew when asked for."""
    changed = set(photo_ids)
    made = HiddenPhoto.objects.filter(photo__owner_id=owner_id).values_list("photo_id", flat=True)
    outdated = [photo_id for photo_id in made if photo_id in changed]
    for start in range(0, len(outdated), BATCH):
        HiddenPhoto.objects.filter(photo__in=outdated[start : start + BATCH]).delete()
    transaction.on_commit(lambda: _remove(outdated))


def hide(claim: jobs.Claim) -> None:
    """Make the picture of one photo in which only the named are recognised."""
    photo = Photo.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if photo is None:
        raise jobs.LostClaimError(f"photo {claim.subject_id} is gone")
    faces = list(_faces([photo.pk]))
    named = [_box(face) for face in faces if _is_named(face)]
    others = [_box(face) for face in faces if not _is_named(face)]
    files = files_of(photo.pk)
    try:
        made = vision.hide_bystanders(files.display, others, named, width=photo.width or 1)
    except (vision.UnavailableError, vision.UnreadablePhotoError) as error:
        raise jobs.BadInputError(str(error)) from error
    _store(claim, files, made, state_of(faces))


def state_of(faces: Iterable[DetectedFace]) -> str:
    """Return something that changes with the faces of a photo and with who of them is named."""
    rows = sorted((*map(round, _box(face)), _is_named(face)) for face in faces)
    return hashlib.sha256(json.dumps([ROUND, rows]).encode()).hexdigest()


def _store(claim: jobs.Claim, files: PhotoFiles, made: tuple[bytes, bytes], state: str) -> None:
    """Put both files to their places if nobody has asked anew meanwhile."""
    first, second = made
    with prepared({files.hidden: first, files.hidden_thumb: second}) as parts, jobs.finish(claim):
        HiddenPhoto.objects.filter(photo=claim.subject_id).delete()
        for part, path in parts.items():
            part.replace(path)
        HiddenPhoto.objects.create(photo_id=claim.subject_id, state=state)


def _states(photo_ids: Iterable[UUID]) -> dict[UUID, str]:
    by_photo: defaultdict[UUID, list[DetectedFace]] = defaultdict(list)
    wanted = list(photo_ids)
    for face in _faces(wanted):
        by_photo[face.photo_id].append(face)
    return {photo_id: state_of(by_photo[photo_id]) for photo_id in wanted}


def _faces(photo_ids: Iterable[UUID]) -> Iterable[DetectedFace]:
    """Return every face, dismissed ones too: who is nobody to the owner is somebody."""
    fields = ("photo_id", "x1", "y1", "x2", "y2", "person_id", "dismissed_at")
    return DetectedFace.objects.filter(photo__in=list(photo_ids)).only(*fields)


def _is_named(face: DetectedFace) -> bool:
    return face.person_id is not None and face.dismissed_at is None


def _box(face: DetectedFace) -> vision.Box:
    return (face.x1, face.y1, face.x2, face.y2)


def _remove(photo_ids: Iterable[UUID]) -> None:
    for photo_id in photo_ids:
        files = files_of(photo_id)
        if not HiddenPhoto.objects.filter(photo=photo_id).exists():  # Nobody has made it anew yet.
            orphans.erase(files.hidden)
            orphans.erase(files.hidden_thumb)
