"""Cameras of the server: kept, on and off, read where they were turned on, passwords unreadable."""

from typing import Any

import pytest

from webapp.accounts.models import User
from webapp.core.processes import heartbeats
from webapp.core.processes.instance import installation_name
from webapp.live import services, sources
from webapp.live.models import LiveSession, Source
from webapp.live.services import session_filmed_by
from webapp.live.sources import Credentials, TooManySourcesError
from webapp.photos.models import Concert

ADDRESS = "rtsp://cam.example/stage"


@pytest.fixture
def source(owner: User) -> Source:
    """A source that is on."""
    added = sources.add_source(owner.pk, "Balcony", None, ADDRESS, Credentials("fan", "se:cret"))
    sources.turn_on(added)
    added.refresh_from_db()
    return added


def test_a_source_is_off_until_it_is_turned_on(owner: User) -> None:
    added = sources.add_source(owner.pk, "Balcony", None, ADDRESS, Credentials())
    assert sources.on_here() == []
    sources.turn_on(added)
    assert sources.on_here() == [added.pk]


def test_name_and_password_come_back_and_stand_nowhere_to_be_read(source: Source) -> None:
    assert sources.credentials_of(source) == Credentials("fan", "se:cret")
    row = str(Source.objects.values().get())
    assert "se:cret" not in row
    assert "fan" not in row


def test_with_another_key_a_password_is_lost_and_not_an_error(
    source: Source, settings: Any
) -> None:
    settings.SECRET_KEY = "another"
    assert sources.credentials_of(source) == Credentials()


def test_a_source_is_read_by_the_installation_where_it_was_turned_on(
    source: Source, settings: Any
) -> None:
    there = settings.DATA_DIR
    settings.DATA_DIR = there / "elsewhere"
    assert sources.on_here() == []
    sources.turn_off(source.pk)
    sources.turn_on(source)
    assert sources.on_here() == [source.pk]


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_who_runs_the_installation_no_more_has_nothing_read(
    field: str, source: Source, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(**{field: False})
    assert sources.on_here() == []


def test_what_is_off_keeps_the_reason_whatever_its_process_says_last(source: Source) -> None:
    sources.turn_off(source.pk, "Gone.")
    sources.note(source.pk, Source.State.ON_AIR)
    source.refresh_from_db()
    assert (source.is_on, source.trouble) == (False, "Gone.")


def test_turning_on_forgets_what_was_wrong_and_twice_changes_nothing(source: Source) -> None:
    sources.turn_off(source.pk, "Gone.")
    sources.turn_on(source)
    sources.note(source.pk, Source.State.ON_AIR)
    sources.turn_on(source)
    source.refresh_from_db()
    assert (source.state, source.trouble) == (Source.State.ON_AIR, "")


def test_it_films_in_the_session_that_it_had(source: Source) -> None:
    session = session_filmed_by(source)
    source.refresh_from_db()
    assert session_filmed_by(source) == session
    assert session.title == "Balcony"


def test_a_session_that_ended_for_silence_is_followed_by_another(source: Source) -> None:
    session = session_filmed_by(source)
    LiveSession.objects.filter(pk=session.pk).update(
        state=LiveSession.State.ENDED, ended_at=session.started_at
    )
    source = Source.objects.select_related("session").get()
    assert session_filmed_by(source) != session
    assert source.is_on


@pytest.mark.parametrize("over", [services.end_session, services.delete_session])
def test_whoever_ends_or_removes_its_session_turns_it_off(over: Any, source: Source) -> None:
    over(session_filmed_by(source))
    source.refresh_from_db()
    assert not source.is_on


def test_a_concert_or_session_that_is_gone_leaves_the_source(source: Source, owner: User) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul")
    Source.objects.update(concert=concert, session=session_filmed_by(source))
    concert.delete()
    LiveSession.objects.get().delete()
    source.refresh_from_db()
    assert (source.concert, source.session) == (None, None)


def test_there_is_an_end_to_how_many_there_are(
    source: Source, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_SOURCES", 1)
    with pytest.raises(TooManySourcesError, match="Remove one first"):
        sources.add_source(owner.pk, "Another", None, ADDRESS, Credentials())


def test_whether_anybody_reads_is_told_by_the_supervisor(db: None, settings: Any) -> None:
    assert not sources.is_anybody_here()
    heartbeats.beat(f"supervisor-{installation_name(settings.DATA_DIR)}", {})
    assert sources.is_anybody_here()
