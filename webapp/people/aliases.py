"""What else people are called: in Hangul, by a full name, by a nickname.

Whoever types one of these means that person, so no alias may be what somebody else of the same user
is called. No database compares two tables; all writes here hold the user's gallery instead.
"""

import re
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from webapp.core.words.names import folded
from webapp.people.gallery.changes import gallery_of
from webapp.people.models import NAME_LENGTH, Alias, Person
from webapp.people.names import BadNameError, NameTakenError, clean_name
from webapp.people.queries import locked_gallery_state

MOST_ALIASES = 20
_BETWEEN = re.compile("[,\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA};\n]")


def person_also_called(owner_id: int, name: str) -> Person | None:
    """Return the one person who has this alias, in any spelling."""
    alias = Alias.objects.filter(owner_id=owner_id, folded_name=folded(name))
    found = alias.select_related("person__group").first()
    return found.person if found else None


def free_name(owner_id: int, wanted: str, group_id: UUID | None) -> str:
    """Return a name, numbered where somebody else of that group has taken it since."""
    taken = Person.objects.filter(owner_id=owner_id, group=group_id)
    number, name = 1, wanted
    while (
        taken.filter(folded_name=folded(name)).exists()
        or person_also_called(owner_id, name) is not None
    ):
        number += 1
        ending = f" ({number})"
        name = wanted[: NAME_LENGTH - len(ending)] + ending
    return name


@transaction.atomic
def set_aliases(person: Person, written: str) -> list[Alias]:
    """Say what else somebody is called; names are parted by commas or lines, none takes all away.

    Raises:
        BadNameError: A name is too long, or there are too many.
        NameTakenError: Somebody else is called so.
    """
    wanted: dict[str, str] = {}
    for name in (clean_name(part) for part in _BETWEEN.split(written) if part.strip()):
        wanted.setdefault(folded(name), name)
    wanted.pop(folded(person.name), None)
    if len(wanted) > MOST_ALIASES:
        raise BadNameError(
            gettext("A person can have %(count)s other names at most.") % {"count": MOST_ALIASES}
        )
    gallery_of(person.owner_id)
    locked_gallery_state(person.owner_id)
    _refuse_taken(person, wanted)
    person.aliases.exclude(folded_name__in=wanted).delete()
    known = set(person.aliases.values_list("folded_name", flat=True))
    for spelling, name in wanted.items():
        if spelling not in known:
            Alias.objects.create(owner_id=person.owner_id, person=person, name=name)
    return list(person.aliases.all())


def _refuse_taken(person: Person, wanted: dict[str, str]) -> None:
    others = Person.objects.filter(owner_id=person.owner_id, folded_name__in=wanted)
    namesake = others.exclude(pk=person.pk).first()
    if namesake is not None:
        raise NameTakenError(
            gettext("Somebody else is called %(name)s. Merge the two if they are the same person.")
            % {"name": namesake.name}
        )
    aliases = Alias.objects.filter(owner_id=person.owner_id, folded_name__in=wanted)
    taken = aliases.exclude(person=person).select_related("person").first()
    if taken is not None:
        raise NameTakenError(
            gettext("%(name)s is already another name of %(other)s.")
            % {"name": taken.name, "other": taken.person.name}
        )


def take_name(owner_id: int, name: str, person: Person | None = None) -> None:
    """Make sure that a name is free to become somebody's: nobody else's alias.

    An alias of the person's own becomes their name and is no alias any more.

    Raises:
        NameTakenError: It is an alias of somebody else.
    """
    owner = person_also_called(owner_id, name)
    if owner is None:
        return
    if person is None or owner.pk != person.pk:
        raise NameTakenError(
            gettext("%(name)s is already another name of %(other)s.")
            % {
                "name": clean_name(name),
                "other": f"{owner.name} ({owner.group.name})" if owner.group else owner.name,
            }
        )
    person.aliases.filter(folded_name=folded(name)).delete()
