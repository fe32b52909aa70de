"""An app whose stages misbehave on purpose."""

from django.apps import AppConfig

from webapp.core import stages

NAMES = ("quick", "suicidal", "stubborn", "slow")


class StubStagesConfig(AppConfig):
    """Registers one stage for each way to misbehave."""

    name = "tests.stub_stages"
    label = "stub_stages"

    def ready(self) -> None:
        """Register them; a hung one may live for three seconds."""
        for name in NAMES:
            limit = 3 if name == "stubborn" else 120
            run = f"tests.stub_stages.stages.{name}"
            stages.register(stages.Stage(name=name, run=run, time_limit_seconds=limit))
        from tests.stub_stages import disk  # Needs the models of the other apps.

        disk.pretend()
