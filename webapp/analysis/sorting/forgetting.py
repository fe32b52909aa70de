"""Deleting a person so that it can be taken back: names and ids of faces are kept.

No embedding is kept for that: references are made again from the faces that are still there. Who
was deleted for ever (``webapp.analysis.erasure``), or with all faces, does not come back.
"""

from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from webapp.analysis.erasure import delete_person
from webapp.analysis.models import Decision
from webapp.analysis.sorting.decisions import faces_before
from webapp.core.extension.signals import Registry
from webapp.people import services as people
from webapp.people.aliases import free_name, set_aliases
from webapp.people.gallery.changes import note_change
from webapp.people.models import Person
from webapp.people.names import PeopleError


class Keeper(Protocol):
    """Knows what an app above links to a person who is deleted and may be brought back.

    Attributes:
        name: Under which it is kept.
    """

    name: str

    def going(self, person_id: UUID) -> object:
        """Return, as JSON, what is linked to somebody who goes next."""
        ...

    def back(self, person_id: UUID, kept: Any) -> None:
        """Link again what is still there."""
        ...


keepers: Registry[Keeper] = Registry()
"""What is linked again besides faces, references and aliases."""


@transaction.atomic
def delete_for_now(person: Person) -> Decision:
    """Delete a person with references; the decision holds what it takes to bring them back."""
    owner_id = person.owner_id
    faces = list(person.faces.defer("embedding"))
    before = {
        "faces": list(faces_before(faces)),
        "person": {
            "id": str(person.pk),
            "name": person.name,
            "group": person.group.name if person.group else "",
            "aliases": [alias.name for alias in person.aliases.all()],
        },
        "elsewhere": {one.name: one.going(person.pk) for one in keepers},
    }
    delete_person(person)
    return Decision.objects.create(
        owner_id=owner_id,
        kind=Decision.Kind.DELETED,
        before=before,
        face_count=len(faces),
    )


def bring_back(decision: Decision) -> Person:
    """Make somebody again who was deleted; their faces follow as with any decision."""
    told: dict[str, Any] = decision.before["person"]
    owner_id = decision.owner_id
    group = people.ensure_group(owner_id, told["group"]) if told["group"] else None
    name = free_name(owner_id, told["name"], group.pk if group else None)
    person = Person.objects.create(id=UUID(told["id"]), owner_id=owner_id, name=name, group=group)
    for alias in told["aliases"]:
        _call(person, alias)
    for one in keepers:
        if one.name in decision.before["elsewhere"]:
            one.back(person.pk, decision.before["elsewhere"][one.name])
    note_change(owner_id, people=[person.pk])
    return person


def _call(person: Person, alias: str) -> None:
    """Add an alias, unless somebody else is called so by now."""
    own = [one.name for one in person.aliases.all()]
    try:
        with transaction.atomic():
            set_aliases(person, ", ".join([*own, alias]))
    except PeopleError:
        return
