"""The product's settings with downloads from this machine."""

from webapp.settings import *  # noqa: F403
from webapp.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.mirror.apps.MirrorConfig"]
