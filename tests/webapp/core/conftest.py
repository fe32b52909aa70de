"""Stages that exist only in these tests."""

from collections.abc import Callable

import pytest

from webapp.core import jobs
from webapp.core.extension import stages
from webapp.core.jobs import Claim

StageMaker = Callable[..., stages.Stage]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, stages.Stage]:
    """An empty registry of stages."""
    registered: dict[str, stages.Stage] = {}
    monkeypatch.setattr(stages, "_stages", registered)
    return registered


@pytest.fixture
def paint(registry: dict[str, stages.Stage]) -> stages.Stage:
    """A stage that succeeds, and another that follows it."""
    stage = stages.Stage(
        name="paint",
        run=f"{__name__}.succeed",
        subject="picture",
        on_failure=f"{__name__}.remember",
    )
    stages.register(stage)
    stages.register(stages.Stage(name="dry", run=f"{__name__}.succeed", follows=("paint",)))
    remembered.clear()
    return stage


remembered: list[str] = []
"""Reasons with which the failure hook was called."""


def succeed(claim: Claim) -> None:
    """Finish with one event."""
    with jobs.finish(claim) as done:
        done.event("painted", {"photo": str(claim.subject_id)})


def remember(_subject_id: object, reason: str) -> None:
    """Note the reason of a failure."""
    remembered.append(reason)


def refuse(_claim: Claim) -> None:
    """Fail because of the input."""
    raise jobs.BadInputError("This is not a photo.")


def crash(_claim: Claim) -> None:
    """Break."""
    raise ZeroDivisionError


def do_nothing(_claim: Claim) -> None:
    """Return without finishing."""
