# ruff: noqa: T201, E402
"""Run with an empty database: people of one name in two spellings meet an upgrade.

Prints everybody before and after, then what the doors of the upgraded site make of other spellings.
"""

import django

django.setup()

from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("people", "0001_initial"), ("photos", "0005_burst_stacks"), ("accounts", "0001_initial")]


def fill() -> None:
    """Write what a site held before spellings were folded."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps = executor.loader.project_state(BEFORE).apps
    owner = apps.get_model("accounts", "User").objects.create(username="Bjørn", is_staff=True)
    group, person, concert = (
        apps.get_model(app, model).objects
        for app, model in (("people", "Group"), ("people", "Person"), ("photos", "Concert"))
    )
    groups = [group.create(owner=owner, name=name) for name in ("LOVÉ", "Lovæ", "ＬＯＶÉ")]
    for name in ("ROSÉ", "ＲＯＳÉ", "Rose\u0301"):
        person.create(owner=owner, name=name, group=groups[0])
    person.create(owner=owner, name="Rosé", group=groups[1])
    person.create(owner=owner, name="ROSÉ")
    concert.create(owner=owner, name="Été Tour")


def everybody() -> list[str]:
    """Return everybody by group and name."""
    from webapp.people.models import Person

    rows = Person.objects.order_by("created_at", "id").values_list("group__name", "name")
    return [f"{group}/{name}" for group, name in rows]


def try_doors() -> None:
    """Come in by other spellings."""
    from webapp.accounts.forms import NewUserForm
    from webapp.accounts.models import User
    from webapp.live.services import session_for_source
    from webapp.people import services
    from webapp.people.models import Person
    from webapp.people.queries import people_called_like

    owner = User.objects.get()
    print(services.ensure_person(owner.pk, "ＲＯＳＥ\u0301", "LOVE\u0301").name)
    print(len(people_called_like(owner, "rosé")), len(people_called_like(owner, "ROSE\u0301")))
    try:
        with transaction.atomic():
            Person.objects.create(owner=owner, name="rOSÉ")
    except IntegrityError:
        print("a double is refused")
    session = session_for_source(owner.pk, "ÉTÉ TOUR")
    print(session.concert and session.concert.name)
    form = NewUserForm({"username": "BJØRN", "password1": "x", "password2": "x"})
    print("username" in form.errors)


if __name__ == "__main__":
    fill()
    call_command("migrate", verbosity=0)
    print(*everybody(), sep=", ")
    try_doors()
