"""``manage.py watch SOURCE --concert NAME``: film with a file, a camera of the server, or RTSP."""

import asyncio
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts.models import User
from webapp.live.services import session_for_source
from webapp.live.source.delivery import Delivery
from webapp.live.source.publisher import Publisher, Report, Slot, read_into
from webapp.live.source.ring import FAST_SECONDS, RING_SECONDS, SourceRing
from webapp.vision.films.sources import is_live, read_source


class Command(BaseCommand):
    """Publish a source into a live session of a running Encore."""

    help = "Film with a video file, a camera of this machine (0, 1, ...) or an rtsp:// address."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the source and where it goes."""
        parser.add_argument("source", help="file, camera number, or rtsp:// address")
        parser.add_argument("--concert", required=True, help="concert to film at; made if missing")
        parser.add_argument("--owner", default="", help="user whose session it is")
        parser.add_argument(
            "--fast", action="store_true", help="a file as fast as it is labelled, every picture"
        )
        parser.add_argument("--url", default="", help="address of Encore, if it cannot be found")

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish until the source ends, the session ends, or Ctrl-C."""
        source = options["source"]
        if options["fast"] and is_live(source):
            raise CommandError("--fast is for files; a camera has its own pace.")
        if not is_live(source) and not Path(source).is_file():
            raise CommandError(f"There is no file {source}.")
        url = options["url"] or _running_at()
        session = session_for_source(_owner_id(options["owner"]), options["concert"])
        self.stdout.write(f"Watch it at {url}/live/{session.pk}/  (Ctrl-C stops)")
        self.stdout.flush()
        slot = Slot(waits=options["fast"])
        ring = SourceRing(FAST_SECONDS if options["fast"] else RING_SECONDS)
        delivery = Delivery(session.pk, ring)
        publisher = Publisher(url, session.pk, slot, delivery=delivery)
        read_into(read_source(source, keeps_pace=not options["fast"]), slot, ring)
        try:
            asyncio.run(publisher.run())
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            slot.end(slot.error)
            delivery.finish()
        if slot.error is not None:
            raise CommandError(str(slot.error))
        self.stdout.write(_summary(publisher.report, delivery.brought))


def _summary(report: Report, captured: int) -> str:
    return (
        f"{report.sent} pictures sent, {report.labelled} labelled, "
        f"{report.passed_over} passed over; {captured} captured for moments."
    )


def _running_at() -> str:
    """Return the address that a running Encore left in its lock file.

    Raises:
        CommandError: There is none.
    """
    try:
        url = (Path(settings.DATA_DIR) / "encore.lock").read_text().strip()
    except OSError:
        url = ""
    if not url.startswith("http"):
        raise CommandError("Encore does not run on this data folder. Start it with: manage.py up")
    return url


def _owner_id(name: str) -> int:
    """Return the user who is meant; without a name, the only owner.

    Raises:
        CommandError: There is no such user, or several could be meant.
    """
    meant = User.objects.called(name) if name else User.objects.filter(is_staff=True)
    found = list(meant.filter(is_active=True)[:2])
    if len(found) != 1:
        raise CommandError(
            f"There is no user called {name}." if name else "Say whose session it is: --owner NAME"
        )
    return int(found[0].pk)
