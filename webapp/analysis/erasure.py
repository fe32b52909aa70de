"""Deleting people, photos and everything that describes a face, so that no byte stays.

SQLite overwrites deleted rows (``secure_delete``), but its write-ahead log keeps older pages until
it is emptied; the upkeep of the running site does that every 20 seconds.
"""

from django.db import transaction

from webapp.accounts.models import User
from webapp.accounts.services import withdraw_consent
from webapp.analysis.models import Decision, DetectedFace, Merge, Rejection
from webapp.analysis.renamed import note_renamed
from webapp.analysis.statistics.keeping import erase_statistics
from webapp.core import events, jobs
from webapp.people import services as people
from webapp.people.gallery.changes import gallery_of
from webapp.people.models import Person, Reference
from webapp.people.queries import locked_gallery_state
from webapp.photos.models import Photo
from webapp.photos.services import delete_photo as delete_photo_files

FACES_FOUND = "faces_found"
"""The kind of event that tells names; a page that connects later is sent it again."""


def delete_photo(photo: Photo) -> None:
    """Delete a photo with its files, faces, and the references that were made from it."""
    with transaction.atomic():
        people.remove_references(Reference.objects.filter(photo=photo))
        delete_photo_files(photo)


def delete_person(person: Person) -> None:
    """Delete a person; their faces are unknown again and may be matched to others."""
    with transaction.atomic():
        locked_gallery_state(person.owner_id)
        photos = list(person.faces.values_list("photo_id", flat=True))
        person.faces.update(person=None, similarity=None, named_by=DetectedFace.NamedBy.NOBODY)
        owner_id = person.owner_id
        people.remove_person(person)
        erase_statistics(owner_id)
        events.forget(owner_id, photos, kind=FACES_FOUND)
        note_renamed(owner_id, photos)


def forget_all_faces(user: User) -> int:
    """Delete every person, reference, crop and embedding of a user, and take consent back.

    Jobs that are queued find no consent, and a job that is running finds another generation of
    the gallery when it wants to write; so nothing comes back by itself. Detected boxes, emotions
    and portraits stay.

    Returns:
        How many people were forgotten.
    """
    with transaction.atomic():
        locked_gallery_state(user.pk)
        withdraw_consent(user)
        faces = DetectedFace.objects.filter(photo__owner=user)
        Rejection.objects.filter(face__photo__owner=user).delete()
        faces.update(
            embedding=None,
            embedder="",
            person=None,
            similarity=None,
            named_by=DetectedFace.NamedBy.NOBODY,
            candidates=[],
            reference=None,
        )
        Merge.objects.filter(owner=user).delete()
        Decision.objects.filter(owner=user).delete()
        count = people.forget_people(user.pk)
        erase_statistics(user.pk)
        jobs.cancel(gallery_of(user.pk).pk)
        events.forget_kind(user.pk, FACES_FOUND)
        note_renamed(user.pk, list(Photo.objects.filter(owner=user).values_list("pk", flat=True)))
    return count
