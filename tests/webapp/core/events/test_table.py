"""Events of deleted subjects are forgotten, one by one or many at once."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.events import table
from webapp.core.models import Event

pytestmark = pytest.mark.django_db


def tell(user: User, **payload: str) -> Event:
    return Event.objects.create(user=user, kind="photo_ready", payload=payload)


def scans(queries: CaptureQueriesContext) -> int:
    """How often the events were read to delete some."""
    return sum(query["sql"].startswith("DELETE") for query in queries.captured_queries)


def test_events_about_a_subject_are_forgotten(owner: User, stranger: User) -> None:
    tell(owner, photo="a")
    kept = [tell(owner, photo="b"), tell(owner, moment="a"), tell(stranger, photo="a")]

    events.forget(owner.pk, ["a"])

    assert list(Event.objects.order_by("pk")) == kept


def test_what_is_forgotten_together_goes_at_the_end_and_at_once(
    owner: User, stranger: User
) -> None:
    for name in ("a", "b", "c"):
        tell(owner, photo=name, moment=f"of {name}")
    kept = [tell(owner, photo="d"), tell(stranger, photo="a")]
    tell(stranger, photo="b")

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        with events.forget_together():
            events.forget(owner.pk, ["a"])
            events.forget(owner.pk, iter(["b"]))
            events.forget(owner.pk, ["of c"], subject="moment")
            events.forget(stranger.pk, ["b"])
            assert scans(queries) == 0
        assert scans(queries) == 3

    assert list(Event.objects.order_by("pk")) == kept


def test_more_subjects_than_one_statement_takes_are_all_forgotten(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "FORGOTTEN_AT_ONCE", 2)
    for name in "abcde":
        tell(owner, photo=name)

    events.forget(owner.pk, "abcde")

    assert not Event.objects.exists()


def test_one_inside_another_ends_with_the_outer(owner: User) -> None:
    tell(owner, photo="a")
    with transaction.atomic(), events.forget_together():
        with events.forget_together():
            events.forget(owner.pk, ["a"])
        assert Event.objects.exists()
    assert not Event.objects.exists()


def test_nothing_is_forgotten_after_an_exception(owner: User) -> None:
    tell(owner, photo="a")
    with suppress(ValueError), transaction.atomic(), events.forget_together():
        events.forget(owner.pk, ["a"])
        raise ValueError
    assert Event.objects.exists()
    events.forget(owner.pk, ["a"])
    assert not Event.objects.exists(), "what is forgotten later goes at once again"


@pytest.mark.django_db(transaction=True)
def test_forgetting_together_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"), events.forget_together():
        pass
