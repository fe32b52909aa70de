"""Events say what they are about, and go with it."""

from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.events import table
from webapp.core.models import Event

pytestmark = pytest.mark.django_db

A, B = uuid4(), uuid4()


def tell(user: User, subject_id: UUID, kind: str = "photo", event: str = "photo_ready") -> Event:
    with transaction.atomic():
        return events.publish(user.pk, event, {"more": 1}, about=events.Subject(kind, subject_id))


def test_an_event_carries_its_subject_under_the_name_of_its_kind(owner: User) -> None:
    told = tell(owner, A, kind="reel")
    assert told.payload == {"reel": str(A), "more": 1}
    assert (told.subject_kind, told.subject_id) == ("reel", A)


def test_events_about_a_subject_are_forgotten_and_no_others(owner: User, stranger: User) -> None:
    for kind in ("photo", "reel"):
        tell(owner, A, kind)
    kept = [tell(owner, B), tell(stranger, A)]

    events.forget(owner.pk, [A])

    assert list(Event.objects.order_by("pk")) == kept


def test_events_of_one_kind_about_a_subject_are_forgotten(owner: User) -> None:
    tell(owner, A, event="faces_found")
    kept = [tell(owner, A), tell(owner, B, event="faces_found")]

    events.forget(owner.pk, [A], kind="faces_found")

    assert list(Event.objects.order_by("pk")) == kept


def test_more_subjects_than_one_statement_takes_are_all_forgotten(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "FORGOTTEN_AT_ONCE", 2)
    subjects = [uuid4() for _ in range(5)]
    for one in subjects:
        tell(owner, one)

    events.forget(owner.pk, iter(subjects))

    assert not Event.objects.exists()


def test_what_is_about_a_subject_is_found_by_an_index(owner: User) -> None:
    """Deleting a video deletes a thousand photos; each used to read all events of its owner."""
    about = Event.objects.filter(user_id=owner.pk, subject_id__in=[A, B])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # A small table is read whole otherwise.
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "event_by_subject" in about.explain()
