"""Cameras that the server itself reads: kept, turned on and off, and how far each of them is."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from webapp.access.rights import Asker
from webapp.core.models import Heartbeat
from webapp.core.processes.heartbeats import LATE_AFTER_SECONDS
from webapp.core.processes.instance import installation_name
from webapp.live.models import Source
from webapp.photos.models import Concert

MOST_SOURCES = 20


class TooManySourcesError(Exception):
    """There are as many as may be; the text is for the owner."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """By which a camera lets somebody in; both are empty where it asks for none."""

    name: str = ""
    password: str = ""


def sources_managed_by(user: Asker) -> QuerySet[Source]:
    """Return the sources of this user; nobody has any who does not run the installation."""
    if not getattr(user, "is_staff", False):
        return Source.objects.none()
    return Source.objects.filter(owner_id=user.pk).select_related("concert", "session")


def on_here() -> list[UUID]:
    """Return the sources that this installation is to read now."""
    found = Source.objects.filter(is_on=True, place=_here(), owner__is_active=True)
    return list(found.filter(owner__is_staff=True).order_by("pk").values_list("pk", flat=True))


def is_anybody_here() -> bool:
    """Whether a supervisor runs that reads what is on; other ways of running Encore have none."""
    latest = timezone.now() - timedelta(seconds=LATE_AFTER_SECONDS)
    return Heartbeat.objects.filter(name=f"supervisor-{_here()}", seen_at__gt=latest).exists()


def add_source(
    owner_id: int, name: str, concert: Concert | None, address: str, credentials: Credentials
) -> Source:
    """Add a source, which is off.

    Args:
        owner_id: Whose it is.
        name: As it is called, and its sessions.
        concert: Where it films.
        address: Without credentials, or the path of a device.
        credentials: Of a camera in the network.

    Raises:
        TooManySourcesError: One must be removed first.
    """
    if Source.objects.filter(owner_id=owner_id).count() >= MOST_SOURCES:
        raise TooManySourcesError(
            gettext("There are %(count)s cameras. Remove one first.") % {"count": MOST_SOURCES}
        )
    kind = Source.Kind.DEVICE if address.startswith("/dev/") else Source.Kind.NETWORK
    return Source.objects.create(
        owner_id=owner_id,
        name=name,
        concert=concert,
        kind=kind,
        address=address,
        secret=_encrypted(credentials),
    )


def turn_on(source: Source) -> None:
    """Have a source film from now on, also after restarts, read by this installation."""
    Source.objects.filter(pk=source.pk, is_on=False).update(
        is_on=True,
        state=Source.State.CONNECTING,
        trouble="",
        since=timezone.now(),
        place=_here(),
    )


def turn_off(source_id: UUID, why: str = "") -> None:
    """Have a source film no more; a reason stays to be read."""
    Source.objects.filter(pk=source_id, is_on=True).update(
        is_on=False, trouble=why, since=timezone.now()
    )


def turn_off_in(session_id: UUID) -> None:
    """Have whatever films in a session film no more."""
    Source.objects.filter(session=session_id, is_on=True).update(
        is_on=False, trouble="", since=timezone.now()
    )


def remove(source: Source) -> None:
    """Forget a source; its session and moments stay."""
    source.delete()


def note(source_id: UUID, state: str, trouble: str = "") -> None:
    """Write down how far a source is that is on."""
    Source.objects.filter(pk=source_id, is_on=True).update(
        state=state, trouble=trouble, since=timezone.now()
    )


def credentials_of(source: Source) -> Credentials:
    """Return by which a source's camera lets us in; none where the installation has another key."""
    if not source.secret:
        return Credentials()
    try:
        name, password = json.loads(_cipher().decrypt(source.secret.encode()))
    except InvalidToken:
        return Credentials()
    return Credentials(name, password)


def _encrypted(credentials: Credentials) -> str:
    if credentials == Credentials():
        return ""
    told = json.dumps([credentials.name, credentials.password])
    return _cipher().encrypt(told.encode()).decode()


def _cipher() -> Fernet:
    """Return what a copy of the database alone cannot be read with."""
    key = hashlib.sha256(b"webapp.live.sources" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _here() -> str:
    return installation_name(settings.DATA_DIR)
