"""A source at work in its own process: connects, films, connects again, says how far it is.

Its owner reads the state on a page. What goes wrong is a sentence there, never the error of FFmpeg,
which has the address and the password in it.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils.translation import gettext_noop

from webapp.live import addresses, devices, sources
from webapp.live.addresses import AddressRefusedError
from webapp.live.models import Source
from webapp.live.source.publisher import Publisher
from webapp.live.source.relay import MovedError, Relay, relay_to
from webapp.vision.films.sources import SourceFrame, encoded
from webapp.vision.films.streams import (
    Image,
    NoStreamError,
    SignInError,
    StreamError,
    Timing,
    TooLargeError,
    pictures_of_device,
    pictures_of_network,
)

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

NO_ANSWER = gettext_noop("The camera does not answer.")
BROKE_OFF = gettext_noop("No picture comes from the camera.")
SIGN_IN = gettext_noop("The camera does not take this name and password.")
NO_STREAM = gettext_noop("The camera has no picture under this address.")
TOO_LARGE = gettext_noop("The camera's pictures are larger than 4K. Choose a smaller stream of it.")
MOVED = gettext_noop("The camera sends elsewhere; that is not followed. Enter the new address.")
UNPLUGGED = gettext_noop("The camera is not plugged in.")
NOT_TAKEN = gettext_noop("Encore does not take its pictures at the moment.")
TAKEN_OVER = gettext_noop("Another camera films in its session now.")


class Filming:
    """The pictures of one source for ever, and a row that says how far it is.

    Args:
        source: As it was when this process began.
        ended: Set when no more pictures are wanted.
    """

    def __init__(self, source: Source, ended: threading.Event) -> None:
        self.publisher: Publisher | None = None
        self._source = source
        self._ended = ended
        self._noted = ("", "")
        self._has_filmed = False
        self._numbers = count(1)
        self._began = time.monotonic()

    def frames(self) -> Iterator[SourceFrame]:
        """Yield pictures until nobody wants more; try again, more and more rarely, meanwhile."""
        pause = FIRST_PAUSE_SECONDS
        while not self._ended.is_set():
            trouble = BROKE_OFF
            try:
                for image in self._pictures():
                    pause = FIRST_PAUSE_SECONDS
                    at = 1000 * (time.monotonic() - self._began)
                    yield encoded(at, image, next(self._numbers))
                    self._note_what_the_publisher_says()
                    if self._ended.is_set():
                        return
            except AddressRefusedError as error:
                trouble = str(error)
                if trouble != addresses.NOT_FOUND:  # It will not be allowed by itself.
                    self._turn_off(trouble)
                    return
            except (StreamError, OSError) as error:
                trouble = _sentence(error)
            self._note_not_filming(trouble)
            self._ended.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _pictures(self) -> Iterator[Image]:
        timing = Timing(settings.LIVE_FRAMES_PER_SECOND)
        if self._source.kind == Source.Kind.DEVICE:
            yield from _of_device(self._source.address, timing)
            return
        address = addresses.address_of(self._source.address)
        found = addresses.checked_addresses(address)
        let_in = sources.credentials_of(self._source)
        is_secure = address.scheme == "rtsps"
        with relay_to(found, address.port, address.host, is_secure=is_secure) as relay:
            asked = addresses.address_by_relay(address, relay.port, let_in.name, let_in.password)
            with _trouble_of(relay):
                yield from pictures_of_network(asked, timing)

    def _note_what_the_publisher_says(self) -> None:
        publisher = self.publisher
        if publisher is None:
            return
        if publisher.trouble:
            self._note_not_filming(NOT_TAKEN)
        elif publisher.report.labelled or publisher.report.passed_over:
            self._has_filmed = True
            self._note(Source.State.ON_AIR, "")

    def _note_not_filming(self, trouble: str) -> None:
        state = Source.State.RECONNECTING if self._has_filmed else Source.State.CONNECTING
        self._note(state, trouble)

    def _note(self, state: str, trouble: str) -> None:
        if self._noted == (state, trouble):
            return
        close_old_connections()
        try:
            sources.note(self._source.pk, state, trouble)
        except Error:
            logger.warning("how far a source is could not be written down; it is tried again")
            return
        logger.info("source %s: %s. %s", self._source.pk, state, trouble)
        self._noted = (state, trouble)

    def _turn_off(self, why: str) -> None:
        close_old_connections()
        sources.turn_off(self._source.pk, why)
        logger.warning("source %s is off: %s", self._source.pk, why)


def _of_device(path: str, timing: Timing) -> Iterator[Image]:
    if not devices.is_there(path):
        raise FileNotFoundError
    # OpenCV opens a camera by its number, and would take a name for that of a film.
    number = re.sub(r"\D", "", Path(os.path.realpath(path)).name)
    yield from pictures_of_device(number, timing)


@contextmanager
def _trouble_of(relay: Relay) -> Iterator[None]:
    """Raise what went wrong between us and the camera, where something did.

    FFmpeg only knows that the relay has hung up.
    """
    try:
        yield
    except StreamError:
        if relay.trouble is None:
            raise
    if relay.trouble is not None:
        raise StreamError(str(relay.trouble)) from relay.trouble


def _sentence(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, MovedError):
        return MOVED
    if isinstance(cause, (SignInError, NoStreamError, TooLargeError)):
        by_kind = {SignInError: SIGN_IN, NoStreamError: NO_STREAM, TooLargeError: TOO_LARGE}
        return by_kind[type(cause)]
    if isinstance(cause, FileNotFoundError):
        return UNPLUGGED
    return NO_ANSWER if isinstance(cause, OSError) else BROKE_OFF
