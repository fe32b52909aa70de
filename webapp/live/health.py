"""What the health page says about the inference process."""

from django.conf import settings

from webapp.core.sections import Section, Status
from webapp.vision.engine.engines import remote_engines
from webapp.vision.engine.unix_socket import look_at_engine

STATUS: dict[str, Status] = {"ready": "ok", "starting": "warn", "away": "warn"}
WORDS = {"ready": "runs", "starting": "loads its models", "away": "does not answer"}


def recogniser_section() -> Section:
    """Ask the inference process how it is."""
    report = look_at_engine()
    section = Section("Live recogniser", STATUS[report.state])
    section.rows.append(("Inference process", WORDS[report.state]))
    section.rows += report.rows
    if settings.REDIS_URL:
        remote = remote_engines()
        section.rows.append(("On other machines, by Redis", str(remote)))
        if remote:
            section.status = "ok"
    if report.missing:
        section.status = "warn"
        section.rows.append(("Missing", ", ".join(report.missing)))
    return section
