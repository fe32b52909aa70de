"""Emotions over an evening: means of a few seconds, of named stars, with consent only."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from webapp.accounts.queries import has_consent
from webapp.live.keeping import EmotionReading
from webapp.live.models import LiveSession
from webapp.moments.models import EmotionSample
from webapp.people.models import Person
from webapp.people.queries import locked_gallery_state


def store_session_readings(
    owner_id: int, session_id: UUID, readings: Sequence[EmotionReading]
) -> int:
    """Add readings to a session's samples; returns how many samples were written.

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
                owner_id=owner_id, pk__in={reading.person for reading in readings}
            ).values_list("pk", flat=True)
        )
        known = [reading for reading in readings if reading.person in people]
        for reading in known:
            _add(owner_id, session_id, reading)
    return len(known)


def _add(owner_id: int, session_id: UUID, reading: EmotionReading) -> None:
    place = {"session_id": session_id, "person_id": reading.person, "second": reading.second}
    values = {"owner_id": owner_id, "emotions": reading.emotions, "count": reading.count}
    sample, is_new = EmotionSample.objects.get_or_create(**place, defaults=values)
    if is_new:
        return
    total = sample.count + reading.count
    labels = sample.emotions.keys() | reading.emotions.keys()
    sample.emotions = {
        label: round(
            (
                sample.emotions.get(label, 0.0) * sample.count
                + reading.emotions.get(label, 0.0) * reading.count
            )
            / total,
            4,
        )
        for label in sorted(labels)
    }
    sample.count = total
    sample.save(update_fields=["emotions", "count"])
