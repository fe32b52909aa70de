"""What changed in a gallery, from one revision to the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from webapp.core import jobs
from webapp.people.gallery.training import drop_all, drop_of_people
from webapp.people.models import GalleryChange, PeopleGallery, Reference
from webapp.photos.chosen import portions

REMATCH_STAGE = "rematch"
REFERENCES_STAGE = "references"

KEEP_REVISIONS = 2000
"""Changes older than this are forgotten once they are matched; who holds an older gallery loads it
whole."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since some revision.

    Attributes:
        people: Whose references changed.
        photos: On which the user has decided about a face, or whose concert changed.
        concerts: Whose line-up changed.
        is_complete: Whether these are all; if not, anything may have changed.
    """

    people: frozenset[UUID] = frozenset()
    photos: frozenset[UUID] = frozenset()
    concerts: frozenset[UUID] = frozenset()
    is_complete: bool = True


def gallery_of(owner_id: int) -> PeopleGallery:
    """Return the user's gallery, making it at the first call."""
    return PeopleGallery.objects.get_or_create(owner_id=owner_id)[0]


def mark_change(
    owner_id: int,
    *,
    people: Iterable[UUID] = (),
    photos: Iterable[UUID] = (),
    concerts: Iterable[UUID] = (),
) -> PeopleGallery:
    """Record whose references changed, what the user decided on, or which line-ups changed.

    Call it inside the transaction of the change: a job that is matching meanwhile then sees the
    new revision before it writes. The caller sees to the matching.
    """
    gallery = gallery_of(owner_id)
    PeopleGallery.objects.filter(pk=gallery.pk).update(revision=F("revision") + 1)
    gallery.refresh_from_db(fields=["revision"])
    people = set(people)
    people |= drop_of_people(people)
    touched = [{"person_id": person} for person in people]
    touched += [{"photo_id": photo} for photo in photos]
    touched += [{"concert_id": concert} for concert in concerts]
    GalleryChange.objects.bulk_create(
        GalleryChange(gallery=gallery, revision=gallery.revision, **one) for one in touched
    )
    return gallery


def note_change(
    owner_id: int,
    *,
    people: Iterable[UUID] = (),
    photos: Iterable[UUID] = (),
    concerts: Iterable[UUID] = (),
) -> None:
    """Record a change and have the faces matched anew that it may concern."""
    gallery = mark_change(owner_id, people=people, photos=photos, concerts=concerts)
    jobs.enqueue(REMATCH_STAGE, gallery.pk, owner_id)


def follow_bin(owner_id: int, photo_ids: list[UUID]) -> None:
    """Have matched anew whoever was enrolled from photos that went to the bin, or came back."""
    made: set[UUID] = set()
    for some in portions(photo_ids):
        rows = Reference.objects.filter(owner_id=owner_id, photo__in=some).order_by()
        made |= set(rows.values_list("person_id", flat=True))
    if made:
        note_change(owner_id, people=made)


def queue_matching(owner_id: int) -> None:
    """Have matched what changes were marked for."""
    jobs.enqueue(REMATCH_STAGE, gallery_of(owner_id).pk, owner_id)


def begin_anew(gallery: PeopleGallery) -> None:
    """Record that anything may have changed: who holds the gallery loads it whole.

    All faces are to be matched anew; the caller sees to that.
    """
    drop_all(gallery.owner_id)
    after = F("revision") + 1
    PeopleGallery.objects.filter(pk=gallery.pk).update(
        revision=after,
        logged_since=after,
        matching_revision=F("matched_revision"),
        matched_until=None,
    )
    gallery.changes.all().delete()


def begin_generation(owner_id: int) -> PeopleGallery:
    """Record that all references were forgotten, and with them every change that was about one."""
    gallery = gallery_of(owner_id)
    GalleryChange.objects.filter(gallery=gallery).delete()
    gallery.adaptations.all().delete()
    drop_all(owner_id)
    after = F("revision") + 1
    PeopleGallery.objects.filter(pk=gallery.pk).update(
        revision=after,
        generation=F("generation") + 1,
        logged_since=after,
        matched_revision=after,
        matching_revision=after,
        matched_until=None,
    )
    return gallery


def changes_between(gallery: PeopleGallery, after: int, until: int) -> Changes:
    """Return what changed after one revision, up to and with another."""
    if after < gallery.logged_since:
        return Changes(is_complete=False)
    rows = gallery.changes.filter(revision__gt=after, revision__lte=until)
    found = list(rows.values_list("person_id", "photo_id", "concert_id").distinct())
    return Changes(
        people=frozenset(person for person, _, _ in found if person),
        photos=frozenset(photo for _, photo, _ in found if photo),
        concerts=frozenset(concert for _, _, concert in found if concert),
    )


def forget_old(gallery: PeopleGallery) -> None:
    """Delete what is long matched; call it in the transaction that notes a matching as done."""
    last = gallery.matched_revision - KEEP_REVISIONS
    if last <= gallery.logged_since:
        return
    gallery.changes.filter(revision__lte=last).delete()
    PeopleGallery.objects.filter(pk=gallery.pk).update(logged_since=last)
