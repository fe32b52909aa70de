"""Sending wake-ups, and the filesystem transport that carries them without any service.

A wake-up only says "look at job 7". Losing one costs a delay until the sweep sends another, so
sending never fails the caller.
"""

import logging
import os
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, monotonic_ns
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

from webapp.core.extension import stages

logger = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 0.02
IDLE_WAIT_SECONDS = 0.1
AWAKE_SECONDS = 10.0
"""So long after a message the next one is waited for closely. Looking 50 times a second all night
would cost each worker more than half a per cent of a core."""
TASK_PREFIX = "encore."
AWAITED, USUAL = 0, 6
"""Priorities: what is read first, of a folder and of Redis alike."""


class Channel(filesystem.Channel):
    """Kombu's filesystem channel, with messages that appear whole, and urgent ones first.

    Kombu writes a message under its final name, so a reader may take it while it is still empty
    and stop its worker on the broken JSON. Here it is written aside and renamed. Messages are read
    in the order of their names, which begin with the priority.
    """

    def _put(self, queue: str, message: Any, **_kwargs: object) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        stage = message["headers"].get("task", "").removeprefix(TASK_PREFIX)
        priority = message["properties"].get("priority") or 0
        name = f"{priority}{monotonic_ns():020d}_{uuid.uuid4().hex}_{stage}"
        part = folder / f"{name}.part"
        try:
            part.write_bytes(str_to_bytes(dumps(message)))
            part.replace(folder / f"{name}.{queue}.msg")
        except OSError:
            part.unlink(missing_ok=True)
            raise


class Transport(filesystem.Transport):
    """Wake-ups as small files in the data folder."""

    Channel = Channel

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heard_at = monotonic()

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Wait for a message, but never long.

        Celery acknowledges a finished task between two of these calls and takes no new one
        before; with its own two seconds a worker would do one job every two seconds.
        """
        is_awake = monotonic() - self._heard_at < AWAKE_SECONDS
        longest = LONGEST_WAIT_SECONDS if is_awake else IDLE_WAIT_SECONDS
        self.polling_interval = longest
        wait = longest if timeout is None else min(timeout, longest)
        super().drain_events(connection, timeout=wait, **kwargs)
        self._heard_at = monotonic()


def send(stage_name: str, job_id: int) -> bool:
    """Tell the stage's worker to look at a job.

    Returns:
        Whether the message left; ``False`` is no error, the sweep will try again.
    """
    try:
        stage = stages.get(stage_name)
        current_app.send_task(
            f"{TASK_PREFIX}{stage.name}",
            args=[job_id],
            queue=stage.queue,
            priority=AWAITED if stage.is_awaited else USUAL,
            retry=False,
            ignore_result=True,
        )
    except (KombuError, OSError, KeyError) as error:
        logger.warning("no wake-up for job %d: %s", job_id, type(error).__name__)
        return False
    return True


@dataclass(frozen=True, slots=True)
class Unread:
    """The messages that lie in the queue folder, read from their names; none with Redis.

    A message is worth one job of its stage's peers (``jobs.claim_next``).
    """

    files: Mapping[str, Sequence[Path]]

    @classmethod
    def now(cls) -> "Unread":
        """Look into the folder."""
        files: defaultdict[str, list[Path]] = defaultdict(list)
        if not settings.REDIS_URL:
            for path in settings.QUEUE_DIR.iterdir():
                if path.suffix == ".msg":
                    files[path.name.partition(".")[0].split("_", 2)[-1]].append(path)
        return cls(files)

    def count(self, stage_names: Collection[str]) -> int:
        """Return how many messages are for one of these stages."""
        return sum(len(self.files.get(name, ())) for name in stage_names)

    def discard(self, stage_names: Collection[str]) -> None:
        """Remove the messages for these stages that a worker has not taken meanwhile."""
        for name in stage_names:
            for path in self.files.get(name, ()):
                path.unlink(missing_ok=True)


def trouble() -> str:
    """Return why no wake-up can be sent now, empty when all is well; asks Redis where it is used.

    The answer never contains the address of Redis, which may hold a password.
    """
    if not settings.REDIS_URL:
        is_usable = os.access(settings.QUEUE_DIR, os.W_OK | os.X_OK)
        return "" if is_usable else "the queue folder cannot be written to"
    import redis  # Only installations with Redis need the time to load this.

    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        return f"Redis does not answer ({type(error).__name__})"
    return ""
