# ruff: noqa: T201, E402
"""Run with a PostgreSQL database: the user decides while a worker is writing names.

The worker has just seen that its claim still holds when the user comes. Prints, for each decision,
who the face is at the end and who said so.
"""

import threading
import time
from collections.abc import Callable

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.analysis import erasure, services
from webapp.analysis.models import DetectedFace
from webapp.analysis.names import rematching
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.gallery.changes import note_change
from webapp.people.models import Person

PAUSE_SECONDS = 1.0
WRITE = rematching.write_names


def match_and_decide(owner: User, decide: Callable[[], object]) -> None:
    """Let the user decide in the middle of a match, and both come to their end."""
    with transaction.atomic():
        note_change(owner.pk, people=Person.objects.values_list("pk", flat=True))
    claim = jobs.claim(Job.objects.get(stage="rematch").pk)
    looked = threading.Event()

    def pause_and_write(faces: list[DetectedFace]) -> None:
        """The claim was just looked at, and holds."""
        looked.set()
        time.sleep(PAUSE_SECONDS)
        WRITE(faces)

    def user() -> None:
        looked.wait()
        decide()
        connection.close()

    rematching.write_names = pause_and_write  # type: ignore[assignment]
    thread = threading.Thread(target=user)
    thread.start()
    try:
        rematching.rematch(claim)
    except jobs.LostClaimError:
        print("the match began anew")
    looked.set()  # In case the match changed nothing and never looked.
    thread.join()
    rematching.write_names = WRITE


def main() -> None:
    """Decide in several ways, each over the same face."""
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("owner", is_staff=True)
    give_consent(owner)
    face = make_face(make_photo(owner, with_files=False), 0, embedding(1))
    for name, decide in (
        ("unname", lambda: services.unname_face(face)),
        ("name", lambda: services.name_face(face, "Rose")),
        ("delete", lambda: erasure.delete_person(Person.objects.get(name="Lisa"))),
        ("forget", lambda: erasure.forget_all_faces(owner)),
    ):
        for person in Person.objects.all():
            erasure.delete_person(person)
        make_person(owner, "Lisa", axis=1)
        DetectedFace.objects.update(person=None, named_by="")
        match_and_decide(owner, decide)
        face.refresh_from_db()
        print(name, face.named_by or "nobody", face.person and face.person.name)


main()
