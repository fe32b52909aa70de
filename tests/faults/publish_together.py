# ruff: noqa: T201, E402
"""Run with a PostgreSQL database: two transactions publish, the later wants to commit first.

Prints in which order their events can be seen, oldest first.
"""

import threading
import time

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.models import Event

PAUSE_SECONDS = 1.0


def main() -> None:
    """Publish in two threads and look, while the slow one is still open and after it."""
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("owner")
    has_published = threading.Event()

    def slow() -> None:
        with transaction.atomic():
            events.publish(owner.pk, "slow", {})
            has_published.set()
            time.sleep(PAUSE_SECONDS)
        connection.close()

    def quick() -> None:
        has_published.wait()
        with transaction.atomic():
            events.publish(owner.pk, "quick", {})
        connection.close()

    threads = [threading.Thread(target=work) for work in (slow, quick)]
    for thread in threads:
        thread.start()
    has_published.wait()
    time.sleep(PAUSE_SECONDS / 2)
    print("while the first is open:", seen())
    for thread in threads:
        thread.join()
    print("at the end:", seen())


def seen() -> list[str]:
    """Return the kinds that any reader finds, in the order of their ids."""
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


main()
