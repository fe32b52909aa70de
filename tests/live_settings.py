"""The product's settings with the stub stages, for tests that start real processes."""

from webapp.settings import *  # noqa: F403
from webapp.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.stub_stages.apps.StubStagesConfig"]
