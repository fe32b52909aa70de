"""``manage.py reanalyse``: run one stage over the library again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from webapp import vision
from webapp.accounts.models import User
from webapp.analysis.names.reanalysis import photos_made_otherwise, queue_again
from webapp.core import jobs
from webapp.people.gallery.changes import gallery_of
from webapp.photos.queries import photos_to_analyse

STAGES = ("recognise", "emotions", "portrait")


class Command(BaseCommand):
    """Queue one stage for the photos whose results another model has made."""

    help = (
        "Run one stage again for every photo whose results come from another model than the "
        "present one, or for all photos with --all. The work is done by the running workers. "
        "After another embedder was chosen they recognise everything again unasked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        parser.add_argument("--stage", choices=STAGES, required=True)
        parser.add_argument("--owner", metavar="NAME", help="only this user's photos")
        parser.add_argument("--all", action="store_true", help="also what the present model made")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue the photos and, for recognition, the references too."""
        stage: str = options["stage"]
        photos = photos_to_analyse()
        if not options["all"]:
            photos = photos_made_otherwise(stage, _present_model(stage))
        users = User.objects.all()
        if options["owner"]:
            users = User.objects.called(options["owner"])
            if not users.exists():
                raise CommandError(f"there is no user {options['owner']!r}")
        if stage == "recognise":
            for user in users:
                with transaction.atomic():
                    jobs.enqueue("references", gallery_of(user.pk).pk, user.pk)
        count = queue_again(stage, photos.filter(owner__in=users))
        self.stdout.write(f"{count} photos queued for {stage}")


def _present_model(stage: str) -> str:
    """Return the tag of the model that a stage uses now.

    Raises:
        CommandError: It is unavailable.
    """
    tags = vision.model_tags()
    tag = {"recognise": tags.embedder, "emotions": tags.emotion, "portrait": tags.portrait}[stage]
    if not tag:
        raise CommandError("that model is unavailable; see the health page")
    return tag
