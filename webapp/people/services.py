"""Writes about people. Whoever changes a reference or a name also has the photos matched again."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from webapp.core.extension.signals import Signal
from webapp.core.words.names import folded
from webapp.people import storage
from webapp.people.aliases import person_also_called, take_name
from webapp.people.gallery.changes import begin_generation, mark_change, note_change
from webapp.people.gallery.training import drop_all, drop_of_groups
from webapp.people.line_ups import concerts_of
from webapp.people.models import Group, PendingPack, Person, Reference
from webapp.people.names import (
    BadNameError,
    NameTakenError,
    clean_colour,
    clean_credits,
    clean_name,
)
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts
from webapp.photos.models import PhotoCount

renamed = Signal[Person, dict[str, str]]()
"""Sent with who was renamed, and ``name`` and ``group`` as they were; in the same transaction."""


@transaction.atomic
def ensure_group(owner_id: int, name: str) -> Group:
    """Return the user's group of this name, however it is spelt; made if there is none.

    Raises:
        BadNameError: The name is empty or too long.
    """
    name = clean_name(name)
    found = Group.objects.filter(owner_id=owner_id, folded_name=folded(name)).first()
    return found or Group.objects.create(owner_id=owner_id, name=name)


@transaction.atomic
def ensure_person(owner_id: int, name: str, group_name: str = "") -> Person:
    """Return the person of this name or alias, made if there is none.

    Without a group, a person of that name in any group is meant, if there is only one.

    Raises:
        BadNameError: The name is empty, too long, or means several people.
        NameTakenError: It is an alias of somebody in another group.
    """
    name = clean_name(name)
    if (person := person_called(owner_id, name, group_name)) is not None:
        return person
    take_name(owner_id, name)
    group = ensure_group(owner_id, group_name) if group_name.strip() else None
    return Person.objects.create(owner_id=owner_id, name=name, group=group)


def person_called(owner_id: int, name: str, group_name: str = "") -> Person | None:
    """Return whom a name, or an alias, means together with a group or without one.

    Raises:
        BadNameError: It means several people.
    """
    known = Person.objects.filter(owner_id=owner_id, folded_name=folded(name))
    also = person_also_called(owner_id, name)
    if not group_name.strip():
        return _only_one(known) or also
    is_there = also and also.group and also.group.folded_name == folded(group_name)
    return known.filter(group__folded_name=folded(group_name)).first() or (
        also if is_there else None
    )


def _only_one(people: QuerySet[Person]) -> Person | None:
    """Return the one person of that name, or the one without a group."""
    found = list(people.select_related("group"))
    if len(found) <= 1:
        return found[0] if found else None
    alone = [person for person in found if person.group is None]
    if alone:
        return alone[0]
    groups = ", ".join(sorted(person.group.name for person in found if person.group))
    raise BadNameError(
        gettext("Several people are called %(name)s. Please add the group: %(groups)s.")
        % {"name": found[0].name, "groups": groups}
    )


@transaction.atomic
def enrol(
    person: Person,
    *,
    embedding: bytes,
    embedder: str,
    quality: float,
    crop: bytes,
    photo_id: UUID | None = None,
    source_sha256: str = "",
    era: str = "",
) -> Reference:
    """Make a face a reference of a person and store its crop.

    The change is marked, but matching the photos again is left to the caller, who may enrol many.
    """
    reference = Reference.objects.create(
        id=uuid4(),
        owner_id=person.owner_id,
        person=person,
        photo_id=photo_id,
        embedding=embedding,
        embedder=embedder,
        quality=quality,
        source_sha256=source_sha256,
        era=era,
    )
    storage.write_crop(person.owner_id, reference.pk, crop)
    mark_change(person.owner_id, people=[person.pk])
    return reference


@transaction.atomic
def remove_references(references: QuerySet[Reference]) -> int:
    """Delete references and their crops, and have the photos matched again.

    The crops go first: a row without a crop shows no picture, a crop without a row would stay.

    Returns:
        How many there were.
    """
    found = list(references.values_list("owner_id", "person_id", "pk"))
    for owner_id, _, reference_id in found:
        storage.remove_crop(owner_id, reference_id)
    Reference.objects.filter(pk__in=[reference_id for *_, reference_id in found]).delete()
    for owner_id in {owner_id for owner_id, *_ in found}:
        people = {person for owner, person, _ in found if owner == owner_id}
        note_change(owner_id, people=people)
    return len(found)


def rename_person(person: Person, name: str, group_name: str, *, is_undo: bool = False) -> Person:
    """Give a person a name and a group; an empty group name takes them out of any group.

    Who wants to be able to take it back hears of it by ``renamed``, but not of an undo.

    Raises:
        BadNameError: The name is empty or too long.
        NameTakenError: Somebody else of that group has it, or it is an alias of anybody else;
            merging is what the user wants then.
    """
    before = {"name": person.name, "group": person.group.name if person.group else ""}
    person.name = clean_name(name)
    left = person.group_id
    try:
        with transaction.atomic():
            owner_id = person.owner_id
            locked_gallery_state(owner_id)
            take_name(owner_id, person.name, person)
            person.group = ensure_group(owner_id, group_name) if group_name.strip() else None
            person.save(update_fields=["name", "folded_name", "group"])
            if person.group_id != left:
                _note_members(owner_id, left, person.group_id)
            if not is_undo and (left, before["name"]) != (person.group_id, person.name):
                renamed.send(person, before)
    except IntegrityError:
        raise NameTakenError(
            gettext("There is already a %(name)s there. Merge the two if they are the same person.")
            % {"name": person.name}
        ) from None
    return person


def _note_members(owner_id: int, *groups: UUID | None) -> None:
    """Have named anew whom a change of some groups' members concerns: by line-up, by training."""
    freed, concerts = drop_of_groups(groups), concerts_of(groups)
    if freed or concerts:
        note_change(owner_id, people=freed, concerts=concerts)


@transaction.atomic
def merge_references(source: Person, target: Person) -> list[UUID]:
    """Hand the references of one person to another; a file enrolled for both counts once.

    Returns:
        Which references of the target were made from such a file.
    """
    doubles = source.references.exclude(source_sha256="").filter(
        source_sha256__in=target.references.values("source_sha256")
    )
    files = list(doubles.values_list("source_sha256", flat=True))
    kept = list(target.references.filter(source_sha256__in=files).values_list("pk", flat=True))
    remove_references(Reference.objects.filter(pk__in=list(doubles.values_list("pk", flat=True))))
    source.references.update(person=target)
    note_change(target.owner_id, people=[source.pk, target.pk])
    return kept


def copy_references(references: QuerySet[Reference], person: Person) -> None:
    """Enrol somebody by pictures of another, as they had been before the two were merged."""
    for reference in references:
        path = storage.crop_path(reference.owner_id, reference.pk)
        enrol(
            person,
            embedding=bytes(reference.embedding),
            embedder=reference.embedder,
            quality=reference.quality,
            crop=path.read_bytes() if path.is_file() else b"",
            source_sha256=reference.source_sha256,
            era=reference.era,
        )


def set_era(reference: Reference, era: str) -> None:
    """Say of which time or look a reference is; an empty text says nothing.

    Raises:
        BadNameError: It is too long.
    """
    era = clean_name(era) if era.strip() else ""
    Reference.objects.filter(pk=reference.pk).update(era=era)


def choose_cover(reference: Reference) -> None:
    """Let a reference stand for its person wherever they are listed."""
    Person.objects.filter(pk=reference.person_id).update(cover=reference)


@transaction.atomic
def remove_person(person: Person) -> None:
    """Delete a person with all references and crops."""
    owner_id, person_id = person.owner_id, person.pk
    remove_references(Reference.objects.filter(person=person))
    freed = drop_all(owner_id)  # They may be among the strangers of any group.
    person.delete()
    counts.mark(PhotoCount.Kind.PERSON, person_id)
    note_change(owner_id, people={person_id, *freed})


def rename_group(
    group: Group, name: str, *, colour: str | None = None, credits: str | None = None
) -> Group:
    """Give a group another name, colour and credits; what is ``None`` stays.

    Raises:
        BadNameError: The name is empty, or one of them too long or no colour.
        NameTakenError: Another group has the name.
    """
    group.name = clean_name(name)
    group.colour = group.colour if colour is None else clean_colour(colour)
    group.credits = group.credits if credits is None else clean_credits(credits)
    try:
        with transaction.atomic():
            group.save(update_fields=["name", "folded_name", "colour", "credits"])
    except IntegrityError:
        raise NameTakenError(
            gettext("There is already a group called %(name)s.") % {"name": group.name}
        ) from None
    return group


def remove_group(group: Group) -> None:
    """Delete a group; its people stay, without a group.

    Raises:
        NameTakenError: Somebody of that name is without a group already.
    """
    alone = Person.objects.filter(owner_id=group.owner_id, group=None)
    names = alone.values("folded_name")
    doubles = group.people.filter(folded_name__in=names).values_list("name", flat=True)
    if doubles:
        raise NameTakenError(
            gettext("%(doubles)s would be there twice without the group. Rename or merge first.")
            % {"doubles": ", ".join(doubles)}
        )
    with transaction.atomic():
        _note_members(group.owner_id, group.pk)
        group.delete()


@transaction.atomic
def forget_people(owner_id: int) -> int:
    """Delete all people, groups, references and crops of one user.

    The generation grows, so a job that is running now cannot write an embedding back.

    Returns:
        How many people were forgotten.
    """
    begin_generation(owner_id)
    people = Person.objects.filter(owner_id=owner_id)
    ids = list(people.values_list("pk", flat=True))
    Reference.objects.filter(owner_id=owner_id).delete()
    people.delete()
    for person_id in ids:
        counts.mark(PhotoCount.Kind.PERSON, person_id)
    Group.objects.filter(owner_id=owner_id).delete()
    PendingPack.objects.filter(owner_id=owner_id).delete()
    storage.remove_all_crops(owner_id)
    return len(ids)
