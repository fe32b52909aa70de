"""A ZIP of a star's moments, made while it is sent: no temporary file, little memory.

Pictures are compressed already, so they are stored as they are. The list of credits comes last
and names only what was really put in.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext

from webapp.core.web.zipping import BLOCK_BYTES, Sink, unused
from webapp.moments.models import Moment
from webapp.people.models import Person
from webapp.photos.storage import files_of

_NAME_LENGTH = 60
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""A ZIP knows no time before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of an archive.

    Attributes:
        name: Under which it lies in the archive.
        path: Where it is read from; one that is gone is left out.
        at: When it was taken.
        credit: One line about it.
    """

    name: str
    path: Path
    at: datetime
    credit: str


def entries(moments: Iterable[Moment], *, with_portraits: bool) -> list[Entry]:
    """Return what goes into an archive: each picked frame, and its portrait if wanted.

    Args:
        moments: With ``people`` and ``concert`` read along.
        with_portraits: Whether portrait versions are added, where there are any.
    """
    found: list[Entry] = []
    taken: set[str] = set()
    for moment in moments:
        if moment.photo_id is None:
            continue
        files = files_of(moment.photo_id)
        versions = [(files.full, False)]
        if with_portraits and files.portrait.is_file():
            versions.append((files.portrait, True))
        for path, is_portrait in versions:
            name = unused(file_name(moment, is_portrait=is_portrait), taken)
            found.append(Entry(name, path, moment.at, credit(moment)))
    return found


def file_name(moment: Moment, *, is_portrait: bool = False) -> str:
    """Return a name by which a picture is saved: who, when, what; harmless on every system."""
    who = " & ".join(person.name for person in moment.people.all()) or "moment"
    what = " ".join(filter(None, (moment.emotion, "portrait" if is_portrait else "")))
    return (
        f"{safe_name(who)} {moment.at.astimezone(moment.zone):%Y-%m-%d %H.%M.%S} {what}".strip()
        + ".jpg"
    )


def safe_name(text: str) -> str:
    """Return a text as part of a file name: letters, digits and a few signs, never empty."""
    plain = unicodedata.normalize("NFC", text)
    kept = re.sub(r"[^\w &+'()-]", "", "".join(one for one in plain if one.isprintable()))
    return kept.strip(" .")[:_NAME_LENGTH].strip() or "moment"


def credit(moment: Moment) -> str:
    """Return one line about a moment: who, when, where, why."""
    who = " & ".join(person.name for person in moment.people.all()) or "unknown"
    parts = [who, f"{moment.at.astimezone(moment.zone):%d %B %Y, %H:%M:%S}"]
    if moment.concert is not None:
        parts += filter(None, (moment.concert.name, moment.concert.venue))
    if moment.reason:
        parts.append(moment.reason)
    return " · ".join(" ".join(part.split()) for part in parts)


def stream(star: Person, wanted: list[Entry]) -> Iterator[bytes]:
    """Yield the archive piece by piece."""
    sink = Sink()
    credits: list[str] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in wanted:
            try:
                file = entry.path.open("rb")
            except OSError:
                continue  # Deleted meanwhile.
            info = zipfile.ZipInfo(entry.name, max(entry.at, _EARLIEST).timetuple()[:6])
            with file, archive.open(info, "w") as target:
                while block := file.read(BLOCK_BYTES):
                    target.write(block)
                    yield sink.take()
            credits.append(f"{entry.name}\n    {entry.credit}")
        archive.writestr("credits.txt", _credits_text(star, credits))
    yield sink.take()


def _credits_text(star: Person, credits: list[str]) -> str:
    head = gettext(
        "Moments of %(star)s\nmade with Encore\n\nNames and emotions are guesses of a program and "
        "may be wrong. Times are of the\nplace where the concert was. Ask before you publish a "
        "picture of somebody.\n"
    ) % {"star": " ".join(star.name.split())}
    return head + "\n" + "\n".join(credits) + "\n"
