"""What apps above core add to what core does, without core knowing them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from webapp.core.extension.sections import Section
from webapp.core.extension.signals import Registry


class Duty(NamedTuple):
    """What is done again and again; short, and harmless to repeat.

    Attributes:
        pause: Seconds between two turns.
        judges_media: Whether it removes files, or says that they are lost; it then rests while
            the media folder is not the database's own.
    """

    pause: float
    run: Callable[[], object]
    judges_media: bool = False


greeters: Registry[Callable[[str], list[str]]] = Registry()
"""Each gets the site's address and adds lines to what ``manage.py up`` prints."""

sections: Registry[Callable[[], Section]] = Registry()
"""Of the health page; none may take longer than a second."""

duties: Registry[Duty] = Registry()
"""Of the upkeep of a site."""

worker_duties: Registry[Duty] = Registry()
"""Of each process that does jobs, done beside them."""

processes: Registry[Callable[[], Mapping[str, Sequence[str]]]] = Registry()
"""Each returns which more processes ``manage.py up`` should keep now: by name, what follows
``manage.py``."""
