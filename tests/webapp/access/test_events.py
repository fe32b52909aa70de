"""What members of a shared concert are told of it as it happens, and that others are not."""

from collections.abc import Callable
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user
from tests.sockets import Socket
from tests.webapp.access.conftest import Stage
from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.access.models import Member
from webapp.accounts.models import User
from webapp.analysis.renamed import note_renamed
from webapp.asgi import application
from webapp.core import events
from webapp.live.services import start_session
from webapp.photos import bin
from webapp.photos.models import Concert, Photo


def tell(owner: User, kind: str, subject: str, subject_id: UUID) -> None:
    with transaction.atomic():
        events.publish(owner.pk, kind, {}, about=events.Subject(subject, subject_id))


def heard(name: str) -> list[str]:
    """Return the kinds of all events that somebody is told, oldest first."""
    user = User.objects.get(username=name)
    return [message["kind"] for message in events.messages_after(user.pk, 0)]


def rung() -> set[str]:
    """Return who is woken by all events."""
    return {User.objects.get(pk=pk).username for pk in events.users_with_events_after(0)}


@pytest.fixture
def on_stage(stage: Stage, owner: User) -> dict[str, UUID]:
    """One shared thing of each kind."""
    moment = make_moment(owner, concert=stage.concert)
    Photo.objects.filter(pk=moment.photo_id).update(concert=stage.concert)
    return {
        "photo": stage.photo.pk,
        "moment": moment.pk,
        "video": make_video(owner, concert=stage.concert).pk,
        "session": start_session(owner.pk, "Live", stage.concert).pk,
        "concert": stage.concert.pk,
    }


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("photo", "photo_ready"),
        ("photo", "faces_found"),
        ("photo", "emotions_found"),
        ("photo", "portrait_ready"),
        ("photo", "photos_stacked"),
        ("moment", "moment_ready"),
        ("moment", "moment_scored"),
        ("video", "video_progress"),
        ("video", "video_ready"),
        ("video", "found"),
        ("session", "found"),
        ("concert", "names_changed"),
    ],
)
def test_members_are_told_of_what_they_see_and_nobody_else_is(
    subject: str, kind: str, on_stage: dict[str, UUID], owner: User, stranger: User
) -> None:
    tell(owner, kind, subject, on_stage[subject])

    assert {name: heard(name) for name in ("owner", "fan", "curator", "stranger")} == {
        "owner": [kind],
        "fan": [kind],
        "curator": [kind],
        "stranger": [],
    }
    assert rung() == {"owner", "fan", "curator"}


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("photo", "job_failed"),
        ("photo", "job_quarantined"),
        ("photo", "masks_ready"),
        ("moment", "moment_wanted"),
        ("moment", "moment_lost"),
        ("video", "video_failed"),
        ("reel", "reel_ready"),
        ("photo", "reel_ready"),
    ],
)
def test_failures_and_making_stay_their_owners(
    subject: str, kind: str, on_stage: dict[str, UUID], owner: User
) -> None:
    tell(owner, kind, subject, on_stage.get(subject, on_stage["photo"]))

    assert (heard("owner"), heard("fan")) == ([kind], [])
    assert rung() == {"owner"}


def into_the_bin(photo: Photo) -> None:
    bin.throw(photo.owner_id, [photo.pk])


def to_another_concert(photo: Photo) -> None:
    photo.concert = Concert.objects.create(owner=photo.owner, name="Busan")
    photo.save(update_fields=["concert"])


def into_a_filmstrip(photo: Photo) -> None:
    Photo.objects.filter(pk=photo.pk).update(shelf=Photo.Shelf.ALTERNATE)


def members_removed(_photo: Photo) -> None:
    Member.objects.all().delete()


@pytest.mark.parametrize(
    "hide", [into_the_bin, to_another_concert, into_a_filmstrip, members_removed]
)
def test_what_a_member_does_not_see_any_more_is_not_told_even_if_it_happened_before(
    hide: Callable[[Photo], None], stage: Stage, owner: User
) -> None:
    tell(owner, "faces_found", "photo", stage.photo.pk)
    assert heard("fan") == ["faces_found"]

    with transaction.atomic():
        hide(stage.photo)

        assert (heard("owner"), heard("fan")) == (["faces_found"], [])
        transaction.set_rollback(True)


def test_photos_of_the_same_owner_elsewhere_are_not_told(stage: Stage, owner: User) -> None:
    tell(owner, "photo_ready", "photo", make_photo(owner).pk)
    assert (heard("fan"), rung()) == ([], {"owner"})


def test_new_names_are_told_of_shared_photos_only(stage: Stage, owner: User) -> None:
    alone, moved = make_photo(owner), make_photo(owner, concert=stage.concert)
    into_a_filmstrip(moved)

    with transaction.atomic():
        note_renamed(owner.pk, [stage.photo.pk, alone.pk, moved.pk])

    fan = User.objects.get(username="fan")
    (told,) = events.messages_after(fan.pk, 0)
    assert told["payload"] == {"concert": str(stage.concert.pk), "photos": [str(stage.photo.pk)]}
    of_owner = [set(one["payload"]["photos"]) for one in events.messages_after(owner.pk, 0)]
    assert of_owner == [{str(stage.photo.pk)}, {str(alone.pk), str(moved.pk)}]


def test_events_cost_no_more_queries_the_more_members_there_are(stage: Stage, owner: User) -> None:
    for _ in range(5):
        Member.objects.create(concert=stage.concert, user=make_user(), role="fan")
    tell(owner, "photo_ready", "photo", stage.photo.pk)

    with CaptureQueriesContext(connection) as asked:
        assert len(events.users_with_events_after(0)) == 8
        assert len(events.messages_after(User.objects.get(username="fan").pk, 0)) == 1

    assert len(asked) == 3, "one for whom to wake, one for the user of this test, one for reading"


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_of_a_fan_hears_of_a_shared_photo_and_of_no_other(
    stage: Stage, owner: User
) -> None:
    other = await sync_to_async(make_photo)(owner)
    socket = Socket(application, "/ws/events/", stage.fan)
    assert await socket.connect()
    for photo in (other, stage.photo):
        await sync_to_async(tell)(owner, "photo_ready", "photo", photo.pk)

    assert (await socket.receive_json())["payload"] == {"photo": str(stage.photo.pk)}
    assert await socket.receive_nothing()
    await socket.disconnect()
