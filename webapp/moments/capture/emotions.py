"""Emotions over an evening: means of a few seconds, of named stars, with consent only."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from webapp.accounts.queries import has_consent
from webapp.live.models import LiveSession
from webapp.moments.models import EmotionSample
from webapp.people.models import Person
from webapp.people.queries import locked_gallery_state
from webapp.vision.values import Sample


def store_session_samples(owner_id: int, session_id: UUID, samples: Sequence[Sample]) -> int:
    """Add to the samples of a session; returns how many were written.

    Who was forgotten meanwhile leaves no trace: consent and people are looked at in the
    transaction that writes, which waits for one that forgets.
    """
    with transaction.atomic():
        locked_gallery_state(owner_id)
        if not has_consent(owner_id):
            return 0
        if not LiveSession.objects.filter(pk=session_id, owner_id=owner_id).exists():
            return 0
        people = set(
            Person.objects.filter(
                owner_id=owner_id, pk__in={found.person for found in samples}
            ).values_list("pk", flat=True)
        )
        known = [found for found in samples if found.person in people]
        for found in known:
            _add(owner_id, session_id, found)
    return len(known)


def _add(owner_id: int, session_id: UUID, found: Sample) -> None:
    place = {"session_id": session_id, "person_id": found.person, "second": found.second}
    values = {"owner_id": owner_id, "emotions": found.emotions, "count": found.count}
    sample, is_new = EmotionSample.objects.get_or_create(**place, defaults=values)
    if is_new:
        return
    total = sample.count + found.count
    labels = sample.emotions.keys() | found.emotions.keys()
    sample.emotions = {
        label: round(
            (
                sample.emotions.get(label, 0.0) * sample.count
                + found.emotions.get(label, 0.0) * found.count
            )
            / total,
            4,
        )
        for label in sorted(labels)
    }
    sample.count = total
    sample.save(update_fields=["emotions", "count"])
