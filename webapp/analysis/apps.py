"""Django's entry to the analysis app."""

from dataclasses import replace
from uuid import UUID

from django.apps import AppConfig

from webapp import vision
from webapp.accounts.signals import faces_forgotten
from webapp.core.extension import hooks
from webapp.core.extension.stages import Stage, register
from webapp.core.safekeeping import inventory
from webapp.vision.models.choice import choose_embedder_with

WORK_LIMIT_SECONDS = 300
"""The same for all that may overtake each other: names before emotions before portraits.

Matching ten thousand photos anew fits in as well.
"""

TIDY_SECONDS = 10.0
"""So long after references were deleted, at most, they are in the memory of an idle worker."""

EMBED_ANEW_SECONDS = 300.0

SORT_SECONDS = 20.0
"""So long after a photo was analysed, at most, its unknown faces begin to be grouped."""
UNDO_SWEEP_SECONDS = 3600

_RUN = "webapp.analysis.stages"
_MATCHING = Stage(
    name="rematch",
    run=f"{_RUN}.rematch",
    queue="vision",
    time_limit_seconds=WORK_LIMIT_SECONDS,
    # Not beside ingest: a large library is matched for a while, and uploads go on.
    rank=-1,
)
STAGES = (
    Stage(
        name="recognise",
        subject="photo",
        run=f"{_RUN}.recognise",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        follows=("ingest",),
    ),
    Stage(
        name="emotions",
        subject="photo",
        run=f"{_RUN}.emotions",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=1,
        follows=("recognise",),
    ),
    Stage(
        name="portrait",
        subject="photo",
        run=f"{_RUN}.portrait",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=2,
        follows=("ingest",),
    ),
    _MATCHING,
    replace(_MATCHING, name="catch-up", run=f"{_RUN}.catch_up"),
    Stage(
        name="sort-faces",
        run=f"{_RUN}.sort_faces",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=2,
    ),
    Stage(
        name="train-group",
        run=f"{_RUN}.train_group",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=2,
    ),
    Stage(
        name="person-masks",
        run=f"{_RUN}.person_masks",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=-2,  # Somebody looks at the page and waits.
    ),
    *(
        Stage(name=name, run=f"{_RUN}.{function}", time_limit_seconds=1800)
        for name, function in (
            ("subjects", "subjects"),
            ("renew-emotions", "renew"),
            ("renew-portraits", "renew"),
        )
    ),
    Stage(name="statistics", run=f"{_RUN}.statistics", rank=50),  # After ingest, its peer.
    Stage(name="fetch-recogniser", run=f"{_RUN}.fetch_recogniser", time_limit_seconds=1800),
    Stage(name="references", run=f"{_RUN}.references", queue="vision", time_limit_seconds=1800),
)
"""What is done to a photo after it was read, and to a gallery that changed."""


class AnalysisConfig(AppConfig):
    """Faces, names, emotions and portraits."""

    name = "webapp.analysis"
    label = "analysis"

    def ready(self) -> None:
        """Register the stages, what is done from time to time, and who hears of what."""
        from webapp.analysis.library import INVENTORY
        from webapp.analysis.sorting.decisions import note_renamed
        from webapp.analysis.statistics.keeping import outdate
        from webapp.people.services import renamed
        from webapp.photos import counts
        from webapp.photos.arrival.destinations import concert_dissolved, photo_joined

        inventory.register(INVENTORY)
        choose_embedder_with(_chosen_embedder)
        faces_forgotten.connect(_forget_faces)
        hooks.worker_duties.register(hooks.Duty(TIDY_SECONDS, _tidy_galleries))
        hooks.worker_duties.register(hooks.Duty(TIDY_SECONDS, vision.decoded.drop_idle))
        hooks.worker_duties.register(hooks.Duty(TIDY_SECONDS, vision.give_back_memory))
        renamed.connect(note_renamed)
        counts.counted.connect(outdate)
        photo_joined.connect(_name_by_line_up)
        concert_dissolved.connect(_name_without_line_up)
        hooks.duties.register(hooks.Duty(UNDO_SWEEP_SECONDS, _sweep_undoable))
        hooks.duties.register(hooks.Duty(SORT_SECONDS, _sort_waiting))
        hooks.duties.register(hooks.Duty(EMBED_ANEW_SECONDS, _embed_anew))
        hooks.duties.register(hooks.Duty(EMBED_ANEW_SECONDS, _adapt_anew))
        for stage in STAGES:
            register(stage)


def _chosen_embedder() -> str:
    from webapp.analysis.names.recogniser import chosen

    return chosen()


def _sort_waiting() -> None:
    from webapp.analysis.sorting.worklist import sort_waiting

    sort_waiting()


def _embed_anew() -> None:
    from webapp.analysis.names.reanalysis import embed_anew

    embed_anew()


def _adapt_anew() -> None:
    from webapp.analysis.names.reanalysis import adapt_anew

    adapt_anew()


def _name_by_line_up(photo_id: UUID) -> None:
    from webapp.people.line_ups import note_photo_joined

    note_photo_joined(photo_id)


def _name_without_line_up(concert_id: UUID) -> None:
    from webapp.people.line_ups import note_concert_dissolved

    note_concert_dissolved(concert_id)


def _tidy_galleries() -> None:
    from webapp.analysis.names.galleries import galleries

    galleries.tidy()


def _sweep_undoable() -> None:
    # Models exist only once all apps are loaded.
    from webapp.analysis.names.merging import sweep_merges
    from webapp.analysis.sorting.decisions import sweep_decisions

    sweep_merges()
    sweep_decisions()


def _forget_faces(user_id: int) -> None:
    from webapp.accounts.models import User  # Models exist only once all apps are loaded.
    from webapp.analysis.erasure import forget_all_faces

    forget_all_faces(User.objects.get(pk=user_id))
