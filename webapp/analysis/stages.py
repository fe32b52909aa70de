"""What workers do to a photo; each stage stands alone and can be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

from webapp import vision
from webapp.analysis import portraits, renamed
from webapp.analysis.messages import emotions_found
from webapp.analysis.models import EMOTION_FIELDS, DetectedFace
from webapp.analysis.names import (
    group_training,
    reanalysis,
    recogniser,
    recognition,
    rematching,
    renewal,
)
from webapp.analysis.sorting import worklist
from webapp.analysis.statistics.keeping import count_kept, outdate_all_about
from webapp.core import jobs
from webapp.photos.models import Photo
from webapp.photos.storage import files_of


def recognise(claim: jobs.Claim) -> None:
    """Find the faces of a photo and name those that are known."""
    with _reasons_for_the_user(claim) as photo:
        recognition.recognise_photo(claim, photo)


def emotions(claim: jobs.Claim) -> None:
    """Label the faces whose emotion was not read yet."""
    with _reasons_for_the_user(claim) as photo:
        unread = _unread(photo)
        if unread:
            model, found = vision.classify_emotions(
                files_of(photo.pk).full, [recognition.shape_of(face) for face in unread]
            )
            for face, emotion in zip(unread, found, strict=True):
                face.set_emotion(emotion.label, emotion.probabilities, model)
        with jobs.finish(claim) as done:
            faces = DetectedFace.objects.shown().filter(photo=photo)
            # Some may be dismissed by now; they have no emotion.
            counting = set(faces.select_for_update().values_list("pk", flat=True))
            DetectedFace.objects.bulk_update(
                [face for face in unread if face.pk in counting], EMOTION_FIELDS
            )
            outdate_all_about(photo)
            done.event("emotions_found", {**emotions_found(photo.pk, faces)})


def _unread(photo: Photo) -> list[DetectedFace]:
    """Return the faces to read; one that was only just drawn has no landmarks yet."""
    faces = DetectedFace.objects.shown().filter(photo=photo, emotion_model="").order_by("id")
    return [face for face in faces if face.landmarks]


def portrait(claim: jobs.Claim) -> None:
    """Make or re-draw the portrait version of a photo."""
    with _reasons_for_the_user(claim) as photo:
        portraits.draw_portrait(claim, photo)


def person_masks(claim: jobs.Claim) -> None:
    """Make the masks of the people of a photo to choose by."""
    with _reasons_for_the_user(claim) as photo:
        portraits.draw_masks(claim, photo)


def subjects(claim: jobs.Claim) -> None:
    """Have the portraits of a user drawn again that are about others now."""
    renamed.follow_everywhere(claim)


def rematch(claim: jobs.Claim) -> None:
    """Name the faces of all photos of a user anew."""
    with _missing_models_named():
        rematching.rematch(claim)


def sort_faces(claim: jobs.Claim) -> None:
    """Group the new unnamed faces of a user by likeness."""
    with _missing_models_named():
        worklist.sort_faces(claim)


def train_group(claim: jobs.Claim) -> None:
    """Learn from a group's own faces, and compare that with the gallery."""
    with _missing_models_named():
        group_training.train(claim)


def references(claim: jobs.Claim) -> None:
    """Embed the references of a user with the present model."""
    with _missing_models_named():
        rematching.refresh_references(claim)


def catch_up(claim: jobs.Claim) -> None:
    """Queue the recognition of every photo of a user that has a face without an embedding."""
    reanalysis.catch_up(claim)


def renew(claim: jobs.Claim) -> None:
    """Queue the photos of a user that another model than the present one has looked at."""
    renewal.queue_library(claim)


def statistics(claim: jobs.Claim) -> None:
    """Count everything of one star or concert."""
    count_kept(claim)


def fetch_recogniser(claim: jobs.Claim) -> None:
    """Fetch the better recogniser that the owner asked for."""
    recogniser.fetch(claim)


@contextmanager
def _missing_models_named() -> Iterator[None]:
    """Let a job fail with a sentence where trying again would not help."""
    try:
        yield
    except (vision.UnavailableError, vision.UnreadablePhotoError) as error:
        raise jobs.BadInputError(str(error)) from error


@contextmanager
def _reasons_for_the_user(claim: jobs.Claim) -> Iterator[Photo]:
    """Yield the photo of a claim; one that was deleted, even while we worked, is no error."""
    photo = Photo.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if photo is None:
        raise jobs.LostClaimError(f"photo {claim.subject_id} is gone")
    try:
        with _missing_models_named():
            yield photo
    except (FileNotFoundError, jobs.BadInputError) as error:
        if not Photo.objects.filter(pk=photo.pk).exists():
            raise jobs.LostClaimError(f"photo {photo.pk} was deleted meanwhile") from error
        raise
