"""The better recogniser that an owner may fetch: a network that ``stars`` adds to Encore's own.

Nothing is fetched unless the owner asks, and then only the files that the page has named. When all
are here and right, the site uses it: faces are embedded anew in the background, and names stay
meanwhile.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from webapp import vision
from webapp.analysis.models import DetectedFace, RecogniserChoice
from webapp.analysis.names.reanalysis import embed_anew
from webapp.core import jobs
from webapp.core.models import Job
from webapp.vision.models.downloads import (
    DownloadError,
    OfferedFile,
    download_weights,
    offered_files,
)

BETTER = "stars"
FETCH_STAGE = "fetch-recogniser"
NOTE_SECONDS = 0.5
"""Between two notes of how far a download is, and two looks whether it is still wanted."""

NOT_FETCHED = gettext_noop("The better recogniser is not here yet. Download it first.")
FIXED = gettext_noop("ENCORE_EMBEDDER decides which recogniser this site uses; change it there.")

Download = Literal["none", "running", "failed"]


class RefusedChoiceError(Exception):
    """The recogniser cannot be chosen now; the text says why."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """What the owner's page tells.

    Attributes:
        in_use: Name of the embedder that is wanted; empty for the built-in one.
        is_fixed: Whether the environment says so, and the page cannot change it.
        is_here: Whether all files of the better one are here and right.
        files: What a download would fetch, and from where.
        download: How a download stands.
        received: Bytes of it that are here.
        trouble: Why the last one failed, as a sentence.
        faces: Faces with an embedding.
        waiting: Those of them that still have one of another embedder.
    """

    in_use: str
    is_fixed: bool
    is_here: bool
    files: tuple[OfferedFile, ...]
    download: Download
    received: int
    trouble: str
    faces: int
    waiting: int

    @property
    def is_better(self) -> bool:
        """Whether the better one is in use."""
        return self.in_use == BETTER

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def is_busy(self) -> bool:
        """Whether something on the page will change by itself."""
        return self.download == "running" or self.waiting > 0

    @property
    def renewed(self) -> int:
        """Faces that the recogniser in use has embedded."""
        return self.faces - self.waiting


def chosen() -> str:
    """Return the name of the embedder that the owner chose; empty for none."""
    return RecogniserChoice.objects.values_list("embedder", flat=True).first() or ""


def recogniser() -> Recogniser:
    """Look at everything the owner's page tells."""
    choice = _choice()
    job = Job.objects.filter(stage=FETCH_STAGE, subject_id=choice.pk).first()
    embedded = DetectedFace.objects.shown().exclude(embedder="")
    present = vision.present_embedder()
    return Recogniser(
        in_use=settings.EMBEDDER or choice.embedder,
        is_fixed=bool(settings.EMBEDDER),
        is_here=vision.has_files_of(BETTER, may_download=True),
        files=tuple(offered_files(BETTER)),
        download=_download_of(job),
        received=choice.received,
        trouble=job.error if job is not None and _download_of(job) == "failed" else "",
        faces=embedded.count(),
        waiting=embedded.exclude(embedder=present).count() if present else 0,
    )


@transaction.atomic
def begin_download(owner_id: int) -> None:
    """Have the better recogniser fetched in the background; what is here already is kept."""
    jobs.enqueue(FETCH_STAGE, _choice().pk, owner_id)


def stop_download() -> None:
    """Stop fetching; what came so far stays, and the next download goes on from there."""
    jobs.cancel(_choice().pk)


def use_better() -> None:
    """Use the better recogniser from now on.

    Raises:
        RefusedChoiceError: Its files are not here, or the environment decides.
    """
    if not vision.has_files_of(BETTER, may_download=True):
        raise RefusedChoiceError(gettext(NOT_FETCHED))
    _use(BETTER)


def use_built_in() -> None:
    """Use the built-in recogniser again; the files of the better one stay.

    Raises:
        RefusedChoiceError: The environment decides.
    """
    _use("")


def fetch(claim: jobs.Claim) -> None:
    """Fetch the better recogniser and use it from then on.

    Raises:
        jobs.BadInputError: It could not be fetched; the text says why.
        jobs.LostClaimError: The owner stopped it.
    """
    try:
        download_weights(BETTER, _noting(claim))
    except DownloadError as error:
        raise jobs.BadInputError(str(error)) from error
    with jobs.finish(claim):
        RecogniserChoice.objects.filter(pk=claim.subject_id).update(embedder=BETTER)
    embed_anew()


def _noting(claim: jobs.Claim) -> Callable[[int, int], None]:
    """Return what notes the progress, and stops a download that nobody wants any more."""
    noted_at = 0.0

    def note(received: int, whole: int) -> None:
        nonlocal noted_at
        if received < whole and time.monotonic() - noted_at < NOTE_SECONDS:
            return
        noted_at = time.monotonic()
        RecogniserChoice.objects.filter(pk=claim.subject_id).update(received=received)
        if not jobs.holds(claim):
            raise jobs.LostClaimError(f"job {claim.job_id} was stopped")

    return note


def _use(embedder: str) -> None:
    if settings.EMBEDDER:
        raise RefusedChoiceError(gettext(FIXED))
    RecogniserChoice.objects.filter(pk=_choice().pk).update(embedder=embedder)
    embed_anew()


def _choice() -> RecogniserChoice:
    return RecogniserChoice.objects.get_or_create(is_only=True)[0]


def _download_of(job: Job | None) -> Download:
    if job is None or job.state == Job.State.DONE:
        return "none"
    return "running" if job.state in {Job.State.PENDING, Job.State.RUNNING} else "failed"
