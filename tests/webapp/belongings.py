"""One of everything that has an address, all of one owner."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils import timezone
from PIL import Image

from tests.factories import make_job, make_user
from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.access.models import Role
from webapp.access.services import invite, share_with
from webapp.accounts.keys import make_key
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.analysis.names.merging import merge_people
from webapp.analysis.services import reject_person
from webapp.folders.models import WatchedFolder
from webapp.live.services import start_session
from webapp.live.sources import Credentials, add_source
from webapp.moments.models import Moment, Reel
from webapp.moments.reel import services as reels
from webapp.people.models import Group, PendingPack, Person
from webapp.people.packs.writing import write_pack
from webapp.photos.models import Concert, Photo, SavedSearch
from webapp.photos.storage import files_of
from webapp.push.services import Subscription, Wishes, turn_on
from webapp.sharing.services import make_share
from webapp.uploads.models import Upload
from webapp.uploads.parts import part_of
from webapp.webhooks.services import make_webhook

PASSING_TABLES = {"sessions"}
"""Apps whose rows come and go with visits, whoever looks at what."""

UPLOADS = {
    "upload/tus/": "photo",
    "upload/tus/videos/": "video",
    "upload/tus/clips/": "clip",
    "upload/tus/recordings/": "recording",
}
SUBSCRIPTION = Subscription("https://example.org/push", "", "")
WISHES = Wishes("https://encore.example", "Chrome, Android", "en", has_names=False)


def make_everything(owner: User, folder: Path) -> Callable[[str, str], str]:
    """Make one row of each kind, with its files.

    Returns:
        A function of an address' pattern and an argument's name to the id to fill in.
    """
    group = Group.objects.create(owner=owner, name="G")
    person = make_person(owner, "Lisa", axis=1, group=group)
    photo, concert = _photo(owner)
    moment = _moment(owner, person)
    face = make_face(photo, 0, embedding(1), person=person, named_by="user")
    merge = merge_people(make_person(owner, "Lalisa"), person)
    video = make_video(owner, seconds=0.5, duration_seconds=0.5)
    ids: dict[str, Any] = {
        "album_id": SavedSearch.objects.create(owner=owner, name="Lisa", query="lisa").pk,
        "job_id": make_job(owner).pk,
        "merge_id": merge.pk,
        "decision_id": reject_person(make_face(photo, 1), person).pk,
        "user_id": owner.pk,
        "concert_id": concert.pk,
        "face_id": face.pk,
        "group_id": person.group_id,
        "moment_id": moment.pk,
        "person_id": person.pk,
        "photo_id": photo.pk,
        "reel_id": _reel(owner).pk,
        "reference_id": person.references.get().pk,
        "session_id": start_session(owner.pk, "Live", None).pk,
        "track_id": video.tracks.create(start_ms=0, stop_ms=1, boxes=[[0, 1, 1, 9, 9]]).pk,
        "video_id": video.pk,
        "variant": "thumb",
        "pack_id": _pack(owner, group).pk,
        **_doors(owner, moment, concert),
    }
    fan = share_with(concert, make_user(), Role.FAN).user
    uploads = {place: _upload(owner, kind) for place, kind in UPLOADS.items()}

    def fill(pattern: str, argument: str) -> str:
        if argument == "user_id" and pattern.startswith("concerts/"):
            return str(fan.pk)
        if argument == "upload_id":
            return str(uploads[pattern.partition("<")[0]].pk)
        return str(ids[argument])

    return fill


def rows_of_everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the site as it is now, but those that only tell of visits."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label not in PASSING_TABLES
    }


def _photo(owner: User) -> tuple[Photo, Concert]:
    """Return a photo with a portrait, and its concert."""
    concert = Concert.objects.create(owner=owner, name="Seoul")
    photo = make_photo(owner, concert=concert)
    Portrait.objects.create(photo=photo, has_person=True, rendered_strength=0.5)
    Image.new("L", (600, 400), 255).save(files_of(photo.pk).alpha)
    return photo, concert


def _moment(owner: User, person: Person) -> Moment:
    moment = make_moment(owner)
    moment.people.add(person)
    return moment


def _pack(owner: User, group: Group) -> PendingPack:
    return PendingPack.objects.create(owner=owner, content=write_pack(group, with_faces=False))


def _doors(owner: User, moment: Moment, concert: Concert) -> dict[str, Any]:
    """Return what others, or files of the server, come in by."""
    hook = make_webhook(owner, "https://example.org/", ["moment_ready"])
    told = hook.deliveries.create(kind="moment_ready", content={})
    return {
        "webhook_id": hook.pk,
        "source_id": add_source(owner.pk, "Balcony", None, "rtsp://a.example/", Credentials()).pk,
        "delivery_id": told.pk,
        "device_id": turn_on(owner, SUBSCRIPTION, WISHES).pk,
        "folder_id": WatchedFolder.objects.create(owner=owner, path="/srv/photos").pk,
        "key_id": make_key(owner, "script", ["read"], None).key.pk,
        "share_id": make_share(owner, moment)[0].pk,
        "invitation_id": invite(concert, Role.FAN, people=1, days=1)[0].pk,
    }


def _reel(owner: User) -> Reel:
    reel = Reel.objects.create(
        owner=owner, title="Best of", photo_count=0, state=Reel.State.READY, progress=1.0
    )
    path = reels.file_of(reel)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film")
    return reel


def _upload(owner: User, kind: str) -> Upload:
    upload = Upload.objects.create(
        owner=owner,
        kind=kind,
        length=100,
        filename="stage.jpg",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    part = part_of(upload.pk)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"x" * 40)
    return upload
