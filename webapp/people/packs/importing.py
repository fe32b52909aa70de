"""What a star pack would change, said first, and done when its owner agrees."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.core import jobs
from webapp.core.words.names import folded
from webapp.people import services
from webapp.people.aliases import MOST_ALIASES, person_also_called
from webapp.people.gallery.changes import REFERENCES_STAGE, gallery_of, queue_matching
from webapp.people.models import Alias, Group, PendingPack, Person, Reference
from webapp.people.names import PeopleError
from webapp.people.packs.form import PackedPerson, PackedReference
from webapp.people.packs.pictures import NO_FACE
from webapp.people.packs.reading import PackRefusedError, ReadPack, read_pack
from webapp.people.queries import locked_gallery_state

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What a pack would change of one person.

    Attributes:
        packed: As the pack has them.
        known: Who they are here; ``None`` for somebody new.
        references: Those that are not here yet and can be used.
        aliases: Names that they would get.
        trouble: What cannot be taken over, as a sentence; empty for nothing.
    """

    packed: PackedPerson
    known: Person | None
    references: list[PackedReference] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    trouble: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        is_new = self.known is None and not self.trouble
        return is_new or bool(self.references or self.aliases)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pack would change.

    Attributes:
        read: The pack.
        group: The group of that name that is here already.
        people: One for each person of the pack.
        foreign: References of another recogniser, which are made anew from their pictures.
        useless: References of another recogniser without a picture, which are left out.
    """

    read: ReadPack
    group: Group | None
    people: list[PersonPlan]
    foreign: int
    useless: int

    @property
    def new_people(self) -> int:
        """How many people would be new."""
        return sum(one.known is None and one.changes for one in self.people)

    @property
    def new_references(self) -> int:
        """How many references would be new."""
        return sum(len(one.references) for one in self.people)

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return any(one.changes for one in self.people)


def keep_pack(owner_id: int, content: bytes) -> PendingPack:
    """Check a pack and keep it until its owner agrees; an earlier one of theirs goes.

    Raises:
        PackRefusedError: It cannot be taken, or nobody may be recognised.
    """
    if not has_consent(owner_id):
        raise PackRefusedError(
            gettext(
                "A star pack holds faces. Agree to face recognition on your account page first."
            )
        )
    plan_of(owner_id, read_pack(content))
    with transaction.atomic():
        PendingPack.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
        PendingPack.objects.filter(owner_id=owner_id).delete()
        return PendingPack.objects.create(owner_id=owner_id, content=content)


def plan_of(owner_id: int, read: ReadPack) -> Plan:
    """Return what a pack would change by now.

    Raises:
        PackRefusedError: It cannot be taken, or none of it can be used here.
    """
    present = vision.present_embedder()
    _check_dimensions(read, present)
    group_name = read.pack.group.name
    plans = _each_once(
        [_plan_person(owner_id, one, group_name, present) for one in read.pack.people]
    )
    others = [one for one in read.pack.references if one.embedder != present]
    foreign = sum(bool(one.face) for one in others)
    if others and not foreign and len(others) == len(read.pack.references):
        raise PackRefusedError(
            gettext(
                "This star pack was made with another recogniser and brings no pictures from which "
                "its faces could be learnt anew. Ask for one with pictures."
            )
        )
    group = Group.objects.filter(owner_id=owner_id, folded_name=folded(group_name)).first()
    return Plan(read, group, plans, foreign, len(others) - foreign)


def _check_dimensions(read: ReadPack, present: str) -> None:
    """Refuse embeddings that claim to be of the recogniser in use and have another size."""
    space = read.pack.spaces.get(present)
    size = vision.dimensions_of(present) if present else 0
    if not size:
        row = Reference.objects.filter(embedder=present).values_list("embedding", flat=True).first()
        size = len(bytes(row)) // 4 if row is not None else 0
    if space is not None and size and space.dimensions != size:
        raise PackRefusedError(gettext("Its embeddings are not those of the recogniser it names."))


def _each_once(plans: list[PersonPlan]) -> list[PersonPlan]:
    """Leave out whoever means a person here whom somebody else of the pack means already."""
    first: dict[UUID, str] = {}
    kept = []
    for one in plans:
        name = one.packed.name
        if one.known is not None and (other := first.setdefault(one.known.pk, name)) != name:
            text = gettext("{name} and {other} are one person here.")
            kept.append(PersonPlan(one.packed, None, trouble=text.format(name=name, other=other)))
        else:
            kept.append(one)
    return kept


def _plan_person(owner_id: int, packed: PackedPerson, group_name: str, present: str) -> PersonPlan:
    try:
        known = services.person_called(owner_id, packed.name, group_name)
    except PeopleError as error:
        return PersonPlan(packed, None, trouble=str(error))
    other = person_also_called(owner_id, packed.name) if known is None else None
    if other is not None:
        text = gettext("{name} is already another name of {other}.")
        return PersonPlan(packed, None, trouble=text.format(name=packed.name, other=other.name))
    usable = [one for one in packed.references if one.embedder == present or one.face]
    return PersonPlan(
        packed, known, _new_references(known, usable), _new_aliases(owner_id, packed, known)
    )


def _new_references(known: Person | None, packed: list[PackedReference]) -> list[PackedReference]:
    """Return those that are not here yet, by the file they are from or by what they are."""
    seen: set[str | bytes] = set()
    if known is not None:
        for source, embedding in known.references.values_list("source_sha256", "embedding"):
            seen |= {source, bytes(embedding)}
    new = []
    for one in packed:
        if one.source not in seen and one.raw not in seen:
            new.append(one)
        seen |= {one.source, one.raw}
    return new


def _new_aliases(owner_id: int, packed: PackedPerson, known: Person | None) -> list[str]:
    """Return the other names that nobody has here, as far as there is room for them."""
    room = MOST_ALIASES - (known.aliases.count() if known is not None else 0)
    own = {folded(packed.name), folded(known.name) if known is not None else ""}
    wanted = {folded(name): name for name in packed.aliases if folded(name) not in own}
    taken = set(
        Person.objects.filter(owner_id=owner_id, folded_name__in=wanted).values_list(
            "folded_name", flat=True
        )
    )
    also = Alias.objects.filter(owner_id=owner_id, folded_name__in=wanted)
    taken |= set(also.values_list("folded_name", flat=True))
    return [name for spelling, name in wanted.items() if spelling not in taken][: max(0, room)]


def take_pack(owner_id: int, pack_id: UUID) -> Plan:
    """Do what a kept pack changes by now, and have the photos matched.

    Raises:
        PendingPack.DoesNotExist: It is not kept any more: taken already, replaced, or forgotten.
        PackRefusedError: It cannot be taken any more.
    """
    read = read_pack(bytes(PendingPack.objects.get(pk=pack_id, owner_id=owner_id).content))
    present = vision.present_embedder()
    with transaction.atomic():
        gallery = gallery_of(owner_id)
        locked_gallery_state(owner_id)
        deleted, _ = PendingPack.objects.filter(pk=pack_id, owner_id=owner_id).delete()
        if not deleted:
            raise PendingPack.DoesNotExist
        if not has_consent(owner_id):
            raise PackRefusedError(
                gettext("Nobody is recognised, because you have not agreed to it.")
            )
        plan = plan_of(owner_id, read)
        _keep_group(owner_id, plan)
        for one in plan.people:
            if one.changes:
                _take_person(owner_id, one, plan)
        if any(ref.embedder != present for one in plan.people for ref in one.references):
            jobs.enqueue(REFERENCES_STAGE, gallery.pk, owner_id)
        queue_matching(owner_id)
    return plan


def _keep_group(owner_id: int, plan: Plan) -> None:
    """Make the group; colour and credits are taken over where it has none."""
    packed = plan.read.pack.group
    group = services.ensure_group(owner_id, packed.name)
    group.colour = group.colour or packed.colour
    group.credits = group.credits or packed.credits
    group.save(update_fields=["colour", "credits"])


def _take_person(owner_id: int, one: PersonPlan, plan: Plan) -> None:
    packed = one.packed
    person = one.known or services.ensure_person(owner_id, packed.name, plan.read.pack.group.name)
    for name in one.aliases:
        if person_also_called(owner_id, name) is None:  # Two of a pack may want the same.
            Alias.objects.create(owner_id=owner_id, person=person, name=name)
    for reference in one.references:
        services.enrol(
            person,
            embedding=reference.raw,
            embedder=reference.embedder,
            quality=reference.quality,
            crop=plan.read.faces.get(reference.face, NO_FACE),
            source_sha256=reference.source,
            era=reference.era,
        )
