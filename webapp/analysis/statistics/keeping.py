"""Statistics that are kept: shown at once, and counted anew when what they count has changed.

Up to a thousand photos are counted while the page is made. Of more the numbers are a row
(``Statistics``), written by a job. Whether a row is true tell the marks of kept counts
(``webapp.photos.counts``): what changes who is seen where leaves a mark, and whoever takes the mark
away raises the row's ``revision``, as does a worker that has read emotions. A row of an older
revision is shown with a word about that, and counted anew, but not again and again while photos are
coming in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from webapp.analysis.models import DetectedFace, Statistics
from webapp.analysis.statistics.facts import Facts, SeenFace, facts_of
from webapp.core import jobs
from webapp.people.models import Person
from webapp.photos import counts
from webapp.photos.models import Concert, Photo, PhotoCount, StaleCount
from webapp.photos.queries import in_library

Subject: TypeAlias = Person | Concert

STAGE = "statistics"
FEW_PHOTOS = 1_000
"""Of up to so many the numbers are counted while somebody waits."""
NOT_AGAIN_FOR = timedelta(seconds=30)
LONGEST_TRUE = timedelta(days=1)
"""What changes without a mark is seen after so long."""
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Counted:
    """What is known of a subject.

    Attributes:
        facts: ``None`` before they were counted for the first time.
        as_of: When they were true; ``None`` likewise.
        is_being_counted: Whether newer ones are on their way.
    """

    facts: Facts | None
    as_of: datetime | None
    is_being_counted: bool


def statistics_of(subject: Subject) -> Counted:
    """Return the statistics of a star or a concert, and have them counted anew if need be."""
    kind = _kind(subject)
    row = _rows(subject).first()
    if row is None or row.made_at is None:
        if counts.of(kind, [subject.pk]).get(subject.pk, 0) <= FEW_PHOTOS:
            return Counted(count(subject), timezone.now(), is_being_counted=False)
        _ask(subject)
        return Counted(None, None, is_being_counted=True)
    age = timezone.now() - row.made_at
    is_true = (
        not StaleCount.objects.filter(kind=kind, subject_id=subject.pk).exists()
        and row.revision == row.made_revision
        and row.facts["zone"] == _zone(subject)
        and age < LONGEST_TRUE
    )
    if not is_true and age > NOT_AGAIN_FOR:
        _ask(subject)
    return Counted(row.facts, row.made_at, is_being_counted=not is_true)


def outdate(kind: str, subject_id: UUID) -> None:
    """Note that what was counted of a subject has changed; within the transaction of the change."""
    Statistics.objects.filter(**{f"{kind}_id": subject_id}).update(revision=F("revision") + 1)


def outdate_all_about(photo: Photo) -> None:
    """Note the same of everything that tells of a photo, where no count has changed.

    Without marks, which would have thousands of counts made anew as a library's emotions are read
    again. Rows are locked in one order, so that no two photos wait for each other.
    """
    of_concert = Q(concert_id=photo.concert_id, concert__isnull=False)
    of_people = Q(person__in=photo.faces.exclude(person=None).values("person"))
    rows = Statistics.objects.filter(of_concert | of_people).order_by("pk")
    ids = list(rows.select_for_update().values_list("pk", flat=True))
    if ids:
        Statistics.objects.filter(pk__in=ids).update(revision=F("revision") + 1)


def erase_statistics(owner_id: int) -> None:
    """Delete all that was counted for a user, as somebody who stands in it is forgotten."""
    Statistics.objects.filter(owner_id=owner_id).delete()


def count_kept(claim: jobs.Claim) -> None:
    """Count what a claim is about, and keep it."""
    row = (
        Statistics.objects.filter(owner_id=claim.owner_id)
        .filter(pk=claim.subject_id)
        .select_related("person__owner", "concert__owner")
        .first()
    )
    if row is None:  # Forgotten meanwhile.
        return
    made = {"facts": count(row.subject), "made_at": timezone.now()}
    with jobs.finish(claim):
        Statistics.objects.filter(pk=row.pk).update(**made, made_revision=row.revision)


def count(subject: Subject) -> Facts:
    """Count everything of a star or a concert; takes seconds for a hundred thousand photos."""
    if isinstance(subject, Concert):
        photos = Photo.objects.filter(in_library(), concert=subject).order_by()
        shown = dict(photos.values_list("pk", "shown_at").iterator(ROWS_AT_ONCE))
        return facts_of(shown, _faces(photo__concert=subject), _zone(subject))
    own = DetectedFace.objects.filter(in_library("photo__"), person=subject).order_by()
    shown = dict(own.values_list("photo_id", "photo__shown_at").iterator(ROWS_AT_ONCE))
    # Not with a list of ids, which may be longer than a statement may be.
    faces = _faces(photo__in=subject.faces.order_by().values("photo"))
    return facts_of(shown, faces, _zone(subject), subject.pk)


def _zone(subject: Subject) -> str:
    """Return where the clock hangs: where the concert was, else where the owner lives."""
    own = subject.time_zone if isinstance(subject, Concert) else ""
    return own or subject.owner.time_zone or "UTC"


def _faces(**within: Any) -> Iterable[SeenFace]:
    rows = DetectedFace.objects.shown().filter(in_library("photo__"), **within).order_by()
    fields = rows.values_list("photo_id", "person_id", "emotion", "quality")
    return (SeenFace(*row) for row in fields.iterator(ROWS_AT_ONCE))


def _kind(subject: Subject) -> str:
    is_concert = isinstance(subject, Concert)
    return PhotoCount.Kind.CONCERT.value if is_concert else PhotoCount.Kind.PERSON.value


def _rows(subject: Subject) -> Any:
    return Statistics.objects.filter(**{_kind(subject): subject})


@transaction.atomic
def _ask(subject: Subject) -> None:
    """Queue the counting, once; the row stands from now on, so that no change is missed."""
    row, _ = Statistics.objects.get_or_create(
        **{_kind(subject): subject}, defaults={"owner_id": subject.owner_id}
    )
    if not jobs.is_open(STAGE, row.pk):
        jobs.enqueue(STAGE, row.pk, row.owner_id)
