"""Kept counts of photos, and the marks that say which of them has to be made anew.

How many photos show a person, or belong to a concert, is kept: to count hundreds of thousands of
rows for each view of a page takes too long. Whoever changes what is counted leaves a mark in the
same transaction (``changing``, ``changed``, ``mark``); a change that is rolled back takes its mark
along. A count without a mark is right. One with a mark is counted when somebody looks (``of``), and
the upkeep counts it anew and takes its marks away (``refresh``).

Marks are only ever inserted and deleted, so writers do not wait for each other. Counting begins
after its marks were read, and writes only if all of them are still there: whatever is committed
later has a mark that stays, and of two that count at once the second finds its marks gone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from webapp.core.extension.signals import Signal
from webapp.photos.models import Photo, PhotoCount, StaleCount
from webapp.photos.queries import in_library

AT_ONCE = 500
"""Ids in one statement."""
REFRESHED_AT_ONCE = 20
"""Counts made anew in one turn of the upkeep, so that a big import does not keep it busy."""

counted = Signal[str, UUID]()
"""A count of this kind and subject is made anew, as what it counts has changed; sent in the
transaction that takes its marks away."""

Totals = Callable[[Collection[UUID] | None], dict[UUID, int]]
"""Counts the photos of these subjects, or of all."""


def concert_totals(ids: Collection[UUID] | None) -> dict[UUID, int]:
    """Return how many photos of the library belong to each of these concerts, or to each."""
    shown = Photo.objects.filter(in_library()).exclude(concert=None)
    if ids is not None:
        shown = shown.filter(concert_id__in=ids)
    return dict(shown.order_by().values_list("concert").annotate(total=Count("pk")))


_totals: dict[str, Totals] = {PhotoCount.Kind.CONCERT: concert_totals}


def keep(kind: str, totals: Totals) -> None:
    """Add a kind of count; for apps above this one.

    Args:
        kind: One of ``PhotoCount.Kind``.
        totals: Counts for the given ids; those without photos may be left out.
    """
    _totals[kind] = totals


def of(kind: str, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the counts of these; whoever has no photo is left out or 0."""
    stale = _marked(kind, ids)  # First: a count that is read later is at least as new.
    kept = PhotoCount.objects.filter(kind=kind, subject_id__in=ids)
    totals = dict(kept.values_list("subject_id", "total"))
    return totals | (dict.fromkeys(stale, 0) | _totals[kind](stale) if stale else {})


@contextmanager
def changing(photo_ids: Iterable[UUID]) -> Iterator[None]:
    """Mark the counts that these photos belong to before the block, and those after it.

    Wrap what gives a face another name, or a photo another place, in this; in its transaction.
    """
    ids = list(photo_ids)
    before = counts_of(ids)
    _insert(before)
    yield
    _insert(counts_of(ids) - before)


def changed(photo_ids: Iterable[UUID]) -> None:
    """Mark the counts that these photos belong to now: after one is made, before one goes."""
    _insert(counts_of(list(photo_ids)))


def counts_of(photo_ids: list[UUID]) -> set[tuple[str, UUID]]:
    """Return kind and id of every count that these photos, or those stacked under them, are in."""
    found: set[tuple[str, UUID]] = set()
    for start in range(0, len(photo_ids), AT_ONCE):
        some = photo_ids[start : start + AT_ONCE]
        photos = Photo.objects.filter(Q(pk__in=some) | Q(stack_top__in=some)).order_by()
        # Through the reverse relation of the faces, which belong to a later app.
        for kind, field in (
            (PhotoCount.Kind.CONCERT, "concert"),
            (PhotoCount.Kind.PERSON, "faces__person"),
        ):
            ids = (
                photos.filter(**{f"{field}__isnull": False})
                .values_list(field, flat=True)
                .distinct()
            )
            found |= {(kind, subject) for subject in ids}
    return found


def mark(kind: str, subject_id: UUID) -> None:
    """Mark one count."""
    _insert({(kind, subject_id)})


def _marked(kind: str, ids: Collection[UUID]) -> set[UUID]:
    marks = StaleCount.objects.filter(kind=kind, subject_id__in=ids)
    return set(marks.values_list("subject_id", flat=True))


def refresh(limit: int = REFRESHED_AT_ONCE) -> int:
    """Count anew what was marked first, and take its marks away; returns how many counts."""
    oldest = StaleCount.objects.order_by("pk").values_list("kind", "subject_id")
    wanted = list(dict.fromkeys(oldest[:AT_ONCE]))[:limit]
    for kind in {kind for kind, _ in wanted}:
        _refresh(kind, [subject for of, subject in wanted if of == kind])
    return len(wanted)


def _refresh(kind: str, subjects: list[UUID]) -> None:
    marks: dict[UUID, list[int]] = {subject: [] for subject in subjects}
    rows = StaleCount.objects.filter(kind=kind, subject_id__in=subjects)
    for subject, pk in rows.values_list("subject_id", "pk"):
        marks[subject].append(pk)
    totals = _totals[kind](subjects)
    for subject, read in marks.items():
        with transaction.atomic():
            gone, _ = StaleCount.objects.filter(pk__in=read).delete()
            if gone == len(read):
                _write(kind, subject, totals.get(subject, 0))
                counted.send(kind, subject)
            else:  # Somebody else has counted meanwhile, perhaps later than this.
                transaction.set_rollback(True)


def _write(kind: str, subject: UUID, total: int) -> None:
    if total:
        PhotoCount.objects.bulk_create(
            [PhotoCount(kind=kind, subject_id=subject, total=total)],
            update_conflicts=True,
            unique_fields=["kind", "subject_id"],
            update_fields=["total"],
        )
    else:  # So nothing is left of a person or concert that is gone.
        PhotoCount.objects.filter(kind=kind, subject_id=subject).delete()


def wrong() -> list[tuple[str, UUID, int, int]]:
    """Return every count that is wrong without a mark: kind, id, what is kept, what is right.

    While others write, one that only just changed may be among them.
    """
    found = []
    for kind, totals in _totals.items():
        right = totals(None)
        kept = dict(PhotoCount.objects.filter(kind=kind).values_list("subject_id", "total"))
        stale = set(StaleCount.objects.filter(kind=kind).values_list("subject_id", flat=True))
        found += [
            (kind, subject, kept.get(subject, 0), right.get(subject, 0))
            for subject in sorted((right.keys() | kept.keys()) - stale)
            if kept.get(subject, 0) != right.get(subject, 0)
        ]
    return found


def mend() -> int:
    """Mark every count that is wrong, so that it is made anew; returns how many."""
    drifted = wrong()
    _insert({(kind, subject) for kind, subject, _, _ in drifted})
    return len(drifted)


def _insert(marks: Iterable[tuple[str, UUID]]) -> None:
    StaleCount.objects.bulk_create(
        StaleCount(kind=kind, subject_id=subject) for kind, subject in marks
    )
