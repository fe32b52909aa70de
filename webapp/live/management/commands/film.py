"""``manage.py film ID``: read one camera of the page of cameras; ``manage.py up`` starts it."""

import asyncio
import logging
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from webapp.core.processes import lineage
from webapp.live import sources
from webapp.live.models import LiveSession, Source
from webapp.live.services import session_filmed_by
from webapp.live.source.delivery import Delivery
from webapp.live.source.filming import TAKEN_OVER, Filming
from webapp.live.source.publisher import TAKEN_OVER_CODE, Publisher, Slot, read_into
from webapp.live.source.ring import SourceRing

logger = logging.getLogger(__name__)

MOST_MEMORY_BYTES = 4_000_000_000
"""Of addresses, most of which are libraries: a stream that wants more ends this process."""
LAST_SECONDS = 5.0
"""Until what was captured is stored, before the supervisor's patience ends."""


class Command(BaseCommand):
    """Film with one source until it is off, its session ends, or SIGTERM."""

    help = "Film with a source that was added on the page of cameras (manage.py up starts this)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add which one; its address and password stand in the database, not in the command."""
        parser.add_argument("source", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Film; whoever asked for it starts this again while the source is on."""
        if parent := os.environ.get("ENCORE_PARENT"):
            lineage.die_with(int(parent))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
        found = Source.objects.select_related("owner", "concert", "session")
        source = found.filter(pk=options["source"], is_on=True).first()
        if source is None:
            return
        session = session_filmed_by(source)
        _film(source, session)


def _film(source: Source, session: LiveSession) -> None:
    ended = threading.Event()
    slot, ring = Slot(waits=False), SourceRing()
    delivery = Delivery(session.pk, ring)
    url = _web_process()
    origin = url.replace("http://", "https://") if settings.HTTPS else url
    publisher = Publisher(url, session.pk, slot, delivery=delivery, origin=origin)
    filming = Filming(source, ended)
    filming.publisher = publisher

    def end() -> None:
        ended.set()
        slot.end()

    async def publish() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end)
        await publisher.run()

    read_into(filming.frames(), slot, ring)
    asyncio.run(publish())
    end()
    delivery.finish(LAST_SECONDS)
    if slot.error is not None:
        logger.error("source %s broke", source.pk, exc_info=slot.error)
    if publisher.refused_by == TAKEN_OVER_CODE:
        sources.turn_off(source.pk, TAKEN_OVER)


def _web_process() -> str:
    """Return where this installation's web process listens, which its lock file tells."""
    url = (Path(settings.DATA_DIR) / "encore.lock").read_text().strip()
    return url.replace("https://", "http://")
