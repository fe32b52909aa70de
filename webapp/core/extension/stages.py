"""The registry of stages: what can be done to a subject, by which function, after what.

Each app registers its stages in ``AppConfig.ready``. The functions are named by dotted paths and
imported by the worker that runs them, so the web process never loads a model.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of work.

    Attributes:
        name: What the job table calls it.
        run: Dotted path of ``function(claim: webapp.core.jobs.Claim) -> None``.
        queue: Worker that runs it: ``default`` for light work, ``vision`` for models.
        time_limit_seconds: After this the process that runs it is killed; it is told 5 s before.
        rank: What is done first of the work that is open; lower before higher.
            See ``peers``.
        is_awaited: Whether somebody waits for it while its time limit sets it apart from more
            usual work: its wake-ups are read before all others of its worker.
        follows: Stages after whose success this one is queued for the same subject.
        subject: What it works on (``photo``, ``video``, ``reel``), under which name open pages are
            told of its results and failures; empty where no page shows it.
        on_failure: Dotted path of ``function(subject_id, reason) -> None``, called in the
            transaction that marks the job failed or quarantined; empty for none. It may run in
            any process and must not load models.
    """

    name: str
    run: str
    queue: str = "default"
    time_limit_seconds: int = 120
    rank: int = 0
    is_awaited: bool = False
    follows: tuple[str, ...] = ()
    subject: str = ""
    on_failure: str = ""

    def __post_init__(self) -> None:
        if self.queue not in QUEUES:
            raise ValueError(f"queue must be one of {QUEUES}, not {self.queue!r}")


QUEUES = ("default", "vision")
_stages: dict[str, Stage] = {}


def register(stage: Stage) -> None:
    """Add a stage; registering the same one twice is harmless, another of its name is an error."""
    if _stages.get(stage.name, stage) != stage:
        raise ValueError(f"another stage is already called {stage.name!r}")
    _stages[stage.name] = stage


def get(name: str) -> Stage:
    """Return the stage of this name.

    Raises:
        KeyError: Nobody registered it.
    """
    return _stages[name]


def rank_of(name: str) -> int:
    """Return the rank of a stage; 0 for one that nobody registers any more."""
    return _stages[name].rank if name in _stages else 0


def every() -> tuple[Stage, ...]:
    """Return all stages, in the order of registration."""
    return tuple(_stages.values())


def following(name: str) -> tuple[Stage, ...]:
    """Return the stages to queue after this one."""
    return tuple(stage for stage in _stages.values() if name in stage.follows)


def after(name: str) -> tuple[str, ...]:
    """Return the names of all stages that this one leads to, step by step."""
    direct = tuple(stage.name for stage in following(name))
    return direct + tuple(later for one in direct for later in after(one))


def peers(name: str) -> tuple[Stage, ...]:
    """Return the stages that may be done on a wake-up for this one, itself among them.

    They share its worker and its time limit, which is set for the message and not for the job.
    """
    own = _stages.get(name)
    if own is None:
        return ()
    key = (own.queue, own.time_limit_seconds)
    return tuple(one for one in _stages.values() if (one.queue, one.time_limit_seconds) == key)
