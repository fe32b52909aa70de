"""Reads about people; each says for whom."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from webapp.access.rights import Asker, Right, granted
from webapp.core.words.names import loosened
from webapp.people.models import Adaptation, Alias, Group, PeopleGallery, Person, Reference
from webapp.photos import counts
from webapp.photos.models import PhotoCount
from webapp.vision.values import Enrolled, LearntSpace

SUGGESTIONS = 8
_UNLIKE = 3


def people_visible_to(user: Asker) -> QuerySet[Person]:
    """Return the people this user has enrolled, by name, with their group."""
    return Person.objects.filter(owner_id=user.pk).select_related("group")


def groups_visible_to(user: Asker) -> QuerySet[Group]:
    """Return the groups of this user, by name."""
    return Group.objects.filter(owner_id=user.pk)


def aliases_visible_to(user: Asker) -> QuerySet[Alias]:
    """Return the other names of this user's people."""
    return Alias.objects.filter(owner_id=user.pk)


def references_visible_to(user: Asker, right: Right = Right.OWN) -> QuerySet[Reference]:
    """Return the references on which this user has a right, best quality first.

    Those made of the photos of a shared concert are open to its curators.
    """
    return references_in_use().filter(granted(user, right, concert="photo__concert"))


def references_in_use() -> QuerySet[Reference]:
    """Return everybody's references but those made from photos that lie in a bin."""
    return Reference.objects.filter(photo__binned_at=None)


def with_counts(people: QuerySet[Person]) -> list[Person]:
    """Read people with ``photo_count``, ``reference_count``, ``picture_id`` and their aliases.

    ``picture_id`` is the reference that stands for them: the chosen one, the best, or none.
    """
    references = references_in_use().filter(person=OuterRef("pk"))
    chosen = Subquery(references.filter(pk=OuterRef("cover_id")).values("pk"))
    best = Subquery(references.order_by("-quality", "id").values("pk")[:1])
    enrolled = references.order_by().values("person").annotate(total=Count("pk"))
    reference_count = Coalesce(Subquery(enrolled.values("total")), 0)
    known = people.annotate(picture_id=Coalesce(chosen, best), reference_count=reference_count)
    found: list[Person] = list(known.prefetch_related("aliases"))
    totals = counts.of(PhotoCount.Kind.PERSON, [person.pk for person in found])
    for person in found:
        person.photo_count = totals.get(person.pk, 0)
    return found


def people_called_like(user: Asker, text: str) -> list[Person]:
    """Return a few people whose name, alias or group holds the text; those it begins first.

    No accent and no blank counts. That is compared here, as no database does it like another.
    """
    text = loosened(text)
    also: defaultdict[UUID, list[str]] = defaultdict(list)
    for person, alias in aliases_visible_to(user).values_list("person_id", "folded_name"):
        also[person].append(alias)
    names = people_visible_to(user).values_list("pk", "folded_name", "group__folded_name")
    ranked = [(_rank(text, [name, *also[pk]], group or ""), name, pk) for pk, name, group in names]
    best = [pk for rank, _, pk in sorted(one for one in ranked if one[0] < _UNLIKE)][:SUGGESTIONS]
    found = people_visible_to(user).prefetch_related("aliases").in_bulk(best)
    return [found[pk] for pk in best if pk in found]


def _rank(text: str, names: Collection[str], group: str) -> int:
    names = [loosened(name) for name in names]
    if any(name.startswith(text) for name in names):
        return 0
    if any(text in name for name in names):
        return 1
    return 2 if text in loosened(group) else _UNLIKE


def enrolled_of(owner_id: int, people: Collection[UUID] | None = None) -> list[Enrolled]:
    """Return the references of one user, of all people or of some, ready to be matched against.

    Those that are set aside are left out.
    """
    used = references_in_use().filter(is_set_aside=False)
    if people is None:
        rows = used.filter(owner_id=owner_id).order_by("id")
    else:  # Not by owner as well: SQLite would look through all the owner's references.
        rows = used.filter(person_id__in=people, person__owner_id=owner_id).order_by()
    return [
        Enrolled(person=person, embedding=bytes(embedding), embedder=embedder)
        for person, embedding, embedder in rows.values_list("person_id", "embedding", "embedder")
    ]


def learnt_spaces_of(owner_id: int) -> list[LearntSpace]:
    """Return what the people of one user have taught about comparing faces, by embedder."""
    rows = Adaptation.objects.filter(gallery__owner_id=owner_id).order_by("embedder")
    return [LearntSpace(row.embedder, row.threshold, bytes(row.numbers)) for row in rows]


def learnt_thresholds_of(owner_id: int) -> dict[str, float]:
    """Return the similarity from which one user's people are named, by embedder, where learnt."""
    rows = Adaptation.objects.filter(gallery__owner_id=owner_id)
    return dict(rows.values_list("embedder", "threshold"))


def gallery_state(owner_id: int) -> tuple[int, int]:
    """Return ``(revision, generation)`` of a user's gallery; ``(0, 0)`` where there is none yet."""
    found = PeopleGallery.objects.filter(owner_id=owner_id)
    return found.values_list("revision", "generation").first() or (0, 0)


def locked_gallery_state(owner_id: int) -> tuple[int, int]:
    """Return the same and hold it until the end of the transaction.

    Whoever writes names takes this first: the user's decisions, and the jobs that match faces. So
    neither overwrites what the other has just read, and they do not wait for each other in a ring.
    SQLite has one writer at a time anyway; other databases lock the row.
    """
    found = PeopleGallery.objects.select_for_update().filter(owner_id=owner_id)
    return found.values_list("revision", "generation").first() or (0, 0)
