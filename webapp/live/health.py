"""What the health page says about the inference processes."""

from concurrent.futures import ThreadPoolExecutor

from django.utils.translation import gettext, gettext_noop

from webapp.core.extension.sections import Section, Status
from webapp.vision.engine.addresses import Local, addresses
from webapp.vision.engine.looking import EngineReport, look_at_engine

STATUS: dict[str, Status] = {"ready": "ok", "starting": "warn", "away": "warn"}
WORDS = {
    "ready": gettext_noop("runs"),
    "starting": gettext_noop("loads its models"),
    "away": gettext_noop("does not answer"),
}


def recogniser_section() -> Section:
    """Ask all inference processes how they are, at once; each may take a second."""
    known = addresses()
    with ThreadPoolExecutor(len(known)) as pool:
        reports = list(pool.map(look_at_engine, known))
    states = [report.state for report in reports]
    section = Section(gettext("Live recogniser"), "ok" if "ready" in states else STATUS[states[0]])
    missing: set[str] = set()
    for address, report in zip(known, reports, strict=True):
        name = gettext("Inference process") if isinstance(address, Local) else address.name
        section.rows.append((name, gettext(WORDS[report.state])))
        section.rows += _in_words(report.rows) if len(known) == 1 else _in_words(_in_short(report))
        missing |= set(report.missing)
    if missing:
        section.status = "warn"
        section.rows.append((gettext("Missing"), ", ".join(sorted(missing))))
    return section


def _in_words(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(gettext(label), value) for label, value in rows]


def _in_short(report: EngineReport) -> list[tuple[str, str]]:
    """Return of one of several what tells whether it has something to do."""
    return [row for row in report.rows if row[0] in {"Device", "Cameras"}]
