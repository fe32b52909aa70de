"""An app whose stages misbehave on purpose."""

from django.apps import AppConfig

from webapp.core.extension import stages

NAMES = ("quick", "suicidal", "stubborn", "late", "slow")
LIMITS = {"stubborn": 3, "late": 8}


class StubStagesConfig(AppConfig):
    """Registers one stage for each way to misbehave."""

    name = "tests.stub_stages"
    label = "stub_stages"

    def ready(self) -> None:
        """Register them; a hung one may live for three seconds."""
        for name in NAMES:
            limit = LIMITS.get(name, 120)
            run = f"tests.stub_stages.stages.{name}"
            stages.register(stages.Stage(name=name, run=run, time_limit_seconds=limit))
        from tests.stub_stages import disk  # Needs the models of the other apps.

        disk.pretend()
