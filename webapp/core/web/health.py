"""What the health page reports: each section looks at one thing and says how it is."""

import platform
import shutil
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext

from webapp.core.extension import hooks
from webapp.core.extension.sections import Section
from webapp.core.jobs import wakeups
from webapp.core.models import Heartbeat, Job
from webapp.core.processes import heartbeats
from webapp.core.safekeeping import integrity
from webapp.vision.models.status import models_status

FREE_SPACE_WARNING_BYTES = 5_000_000_000
FREE_SPACE_ERROR_BYTES = 500_000_000
OLD_QUEUE = timedelta(minutes=10)
PACKAGES = ("django", "channels", "celery", "kombu", "uvicorn", "websockets", "pillow",
            "pillow-heif", "opencv-python-headless", "numpy", "torch")  # fmt: skip


def sections() -> list[Section]:
    """Look at everything; a few milliseconds, except after a model file has changed."""
    added = [section() for section in hooks.sections]
    return [
        processes(),
        queue(),
        broker(),
        *added,
        models(),
        database(),
        disk(),
        versions(),
    ]


def processes() -> Section:
    """Return who has shown signs of life lately."""
    section = Section(gettext("Processes"))
    now = timezone.now()
    for beat in Heartbeat.objects.order_by("name"):
        seconds = (now - beat.seen_at).total_seconds()
        is_late = seconds > heartbeats.LATE_AFTER_SECONDS
        if is_late:
            section.status = "warn"
        section.rows.append(
            (
                beat.name,
                gettext("silent for %(seconds)s s") % {"seconds": f"{seconds:.0f}"}
                if is_late
                else gettext("alive"),
            )
        )
        for name, child in sorted(beat.detail.items()):
            if isinstance(child, dict) and "restarts" in child:
                state = (
                    gettext("process %(pid)s") % {"pid": child["pid"]}
                    if child["pid"]
                    else gettext("starting again")
                )
                section.rows.append(
                    (
                        name,
                        gettext("%(state)s, restarts: %(restarts)s")
                        % {"state": state, "restarts": child["restarts"]},
                    )
                )
    if not section.rows:
        section.status = "warn"
        section.rows.append((gettext("Workers"), gettext("none has been seen yet")))
    return section


def queue() -> Section:
    """Return how much work waits, and for how long the oldest has."""
    section = Section(gettext("Queue"))
    # What is done only grows, and nobody has to act on it: it is not counted.
    undone = [state for state in Job.State if state != Job.State.DONE]
    counts = dict(Job.objects.filter(state__in=undone).values_list("state").annotate(Count("pk")))
    for state in undone:
        section.rows.append((str(state.label), str(counts.get(state.value, 0))))
    waiting = Job.objects.filter(state=Job.State.PENDING)
    oldest = waiting.aggregate(oldest=Min("updated_at"))["oldest"]
    if oldest is not None:
        age = timezone.now() - oldest
        section.rows.append((gettext("Oldest waiting"), f"{age.total_seconds():.0f} s"))
        if age > OLD_QUEUE:
            section.status = "warn"
    if counts.get(Job.State.QUARANTINED):
        section.status = "warn"
    return section


def broker() -> Section:
    """Return what carries the wake-ups and whether it works; without it the sweep has to."""
    section = Section(gettext("Wake-ups"))
    section.rows.append(
        (gettext("Carried by"), "Redis" if settings.REDIS_URL else gettext("files on this machine"))
    )
    trouble = wakeups.trouble()
    section.rows.append((gettext("State"), trouble or gettext("ready")))
    if trouble:
        section.status = "error"
    return section


def models() -> Section:
    """Return every model file with the start of its hash, and what is wrong with it if anything."""
    section = Section(gettext("Models"))
    for model in models_status():
        if not model.is_available and model.origin != "download":
            section.status = "error"
        known = f", sha256 {model.sha256[:12]}" if model.sha256 else ""
        section.rows.append((model.name, model.detail + known))
    return section


def database() -> Section:
    """Return whether the database is whole, as the upkeep last found it."""
    try:
        found = integrity.last()
    except Error as error:
        return Section(gettext("Database"), "error", [(gettext("Trouble"), str(error))])
    section = Section(gettext("Database"), rows=[(gettext("Kind"), connection.vendor)])
    if connection.vendor == "sqlite":
        section.rows.insert(0, (gettext("Integrity"), integrity.words(found)))
        if found is not None and not found.is_whole:
            section.status = "error"
    return section


def disk() -> Section:
    """Return how much space is left where the photos lie."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    section = Section(gettext("Disk"))
    section.rows.append((gettext("Free"), f"{usage.free / 1e9:.1f} GB"))
    section.rows.append((gettext("Total"), f"{usage.total / 1e9:.1f} GB"))
    if usage.free < FREE_SPACE_ERROR_BYTES:
        section.status = "error"
    elif usage.free < FREE_SPACE_WARNING_BYTES:
        section.status = "warn"
    return section


def versions() -> Section:
    """Return the versions that a bug report needs."""
    rows = [("Encore", _version("encore")), ("Python", platform.python_version())]
    return Section(gettext("Versions"), rows=rows + [(name, _version(name)) for name in PACKAGES])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return gettext("not installed") if package != "encore" else settings.VERSION
