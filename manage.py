#!/usr/bin/env python
"""Entry point of every Encore command; ``manage.py up`` starts the whole product."""

import os
import signal
import sys

SERVERS = {"up", "serve", "work"}
"""Commands that answer Ctrl-C themselves once they run, and have nothing to undo before."""


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    if SERVERS.intersection(sys.argv[1:2]):
        # A KeyboardInterrupt is lost where it meets a finalizer, and the start would go on.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed in this Python. Run 'make run', or .venv/bin/python.")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        # Ctrl-C before the command has its own answer to it; 130 is what shells expect.
        sys.exit(130)
    except Exception as error:
        sys.exit(_in_words(error))


def _in_words(error: Exception) -> str:
    """Return what to say of a trouble that is known; any other goes on as it came."""
    from django.conf import settings

    if settings.configured:
        from webapp.core.trouble import in_command

        if (words := in_command(error)) is not None:
            return words
    raise error


if __name__ == "__main__":
    main()
