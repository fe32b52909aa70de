"""``manage.py forget_faces``: delete everything by which faces are recognised."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.accounts.models import User
from webapp.analysis.erasure import forget_all_faces
from webapp.core.processes.upkeep import truncate_wal


class Command(BaseCommand):
    """Delete people, references, crops and embeddings of one user or of everybody."""

    help = (
        "Delete every person, reference and face embedding of one user (--owner NAME) or of all "
        "(--everyone), and take their consent back. Photos stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--owner", metavar="NAME")
        whose.add_argument("--everyone", action="store_true")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then forget."""
        users = User.objects.all()
        if options["owner"]:
            users = User.objects.called(options["owner"])
            if not users.exists():
                raise CommandError(f"there is no user {options['owner']!r}")
        whose = options["owner"] or "everybody"
        if not options["yes"] and input(f"Forget all faces of {whose}? [y/N] ").lower() != "y":
            raise CommandError("nothing was forgotten")
        count = sum(forget_all_faces(user) for user in users)
        if not truncate_wal():
            self.stderr.write("The database is in use; its log is emptied within a minute.")
        self.stdout.write(f"{count} people forgotten")
