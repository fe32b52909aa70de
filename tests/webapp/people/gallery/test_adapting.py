"""A gallery learns from its own people, in steps, and forgets with them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.webapp.analysis.cast import make_face, make_photo, make_reference
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis import erasure
from webapp.analysis.models import DetectedFace
from webapp.analysis.names import rematching
from webapp.analysis.names.galleries import Galleries
from webapp.analysis.names.naming import name_faces
from webapp.analysis.names.reanalysis import adapt_anew
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.gallery.adapting import adapt, is_due
from webapp.people.gallery.changes import gallery_of, mark_change, note_change, queue_matching
from webapp.people.models import Adaptation, PeopleGallery, Person, Reference
from webapp.people.queries import learnt_spaces_of
from webapp.people.services import remove_references
from webapp.vision.models.loading import model_tag

RunJobs = Callable[[], int]
TAG = model_tag("dlib-resnet")
DIMENSIONS = 128


def looks_of(person: int, count: int) -> list[bytes]:
    """Return raw embeddings of somebody who, like all here, varies most in six directions."""
    axes = np.random.default_rng(0).standard_normal((DIMENSIONS, DIMENSIONS))
    draw = np.random.default_rng(person)
    centre = draw.standard_normal(DIMENSIONS)
    sways = 4.0 * draw.standard_normal((count, 6)) @ axes[:6]
    rows = centre + sways + 0.3 * draw.standard_normal((count, DIMENSIONS))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [row.astype("<f4").tobytes() for row in rows]


def enrol(owner: User, number: int, references: int = 5) -> Person:
    person = Person.objects.create(owner=owner, name=f"Star {number}")
    for of in looks_of(number, references):
        # Kept: they vary so much that some would be set aside, which is not what is tested here.
        make_reference(person, of, embedder=TAG, is_kept=True)
    return person


@pytest.fixture
def people(consenting_owner: User) -> list[Person]:
    return [enrol(consenting_owner, number) for number in range(1, 7)]


@pytest.fixture
def gallery(people: list[Person]) -> PeopleGallery:
    """Six people with five references each, from whom was learnt."""
    assert adapt(gallery_of(people[0].owner_id))
    return gallery_of(people[0].owner_id)


def now(gallery: PeopleGallery) -> PeopleGallery:
    return PeopleGallery.objects.get(pk=gallery.pk)


def test_what_a_gallery_teaches_tells_its_people_apart(consenting_owner: User) -> None:
    for number in range(1, 13):
        enrol(consenting_owner, number, references=8)
    adapt(gallery_of(consenting_owner.pk))
    faces = [(number, of) for number in range(1, 13) for of in looks_of(number, 12)[8:]]
    raw = np.stack([np.frombuffer(of, "<f4") for _, of in faces])
    same = np.equal.outer(*2 * [[number for number, _ in faces]]) & ~np.eye(len(faces), dtype=bool)
    apart = np.not_equal.outer(*2 * [[number for number, _ in faces]])

    def separation(space: vision.Space) -> float:
        rows = space.apply(raw)
        similarities = rows @ rows.T
        spread = np.hypot(similarities[same].std(), similarities[apart].std())
        return float((similarities[same].mean() - similarities[apart].mean()) / spread)

    learnt = vision.spaces_with(learnt_spaces_of(consenting_owner.pk))(TAG)

    assert separation(learnt) > 1.2 * separation(vision.space_of(TAG))


def test_a_gallery_that_learnt_has_to_be_loaded_and_matched_anew(people: list[Person]) -> None:
    before = gallery_of(people[0].owner_id)

    adapt(before)

    after = now(before)
    assert after.revision == after.logged_since > before.revision
    assert not after.changes.exists()


def test_one_more_naming_is_no_reason_to_learn(gallery: PeopleGallery) -> None:
    make_reference(Person.objects.all()[0], looks_of(1, 6)[5], embedder=TAG)

    assert not is_due(now(gallery))
    assert not adapt(now(gallery))
    assert Adaptation.objects.get().references == 30


def test_a_fifth_more_references_are_a_reason(gallery: PeopleGallery) -> None:
    for of in looks_of(1, 11)[5:]:
        make_reference(Person.objects.all()[0], of, embedder=TAG)

    assert adapt(now(gallery))
    assert Adaptation.objects.get().references == 36


def test_a_person_who_goes_takes_along_what_was_learnt_from_them(
    gallery: PeopleGallery, people: list[Person], run_jobs: RunJobs
) -> None:
    before = bytes(Adaptation.objects.get().numbers)
    gone = str(people[0].pk)
    erasure.delete_person(people[0])

    run_jobs()

    learnt = Adaptation.objects.get()
    rest = Reference.objects.order_by("id")
    anew = vision.learn_space(
        TAG, [vision.Enrolled(one.person_id, bytes(one.embedding), TAG) for one in rest]
    )
    assert gone not in learnt.people
    assert bytes(learnt.numbers) == anew.numbers != before


def test_too_few_people_left_teach_nothing(
    gallery: PeopleGallery, people: list[Person], run_jobs: RunJobs
) -> None:
    for person in people[1:]:
        erasure.delete_person(person)

    run_jobs()

    assert not Adaptation.objects.exists()


def test_forgetting_all_faces_forgets_at_once_what_they_taught(
    gallery: PeopleGallery, consenting_owner: User
) -> None:
    erasure.forget_all_faces(consenting_owner)

    assert not Adaptation.objects.exists()
    assert not is_due(now(gallery))


def test_one_person_alone_teaches_nothing_and_two_with_a_picture_each_do(
    consenting_owner: User,
) -> None:
    enrol(consenting_owner, 1, references=9)
    assert not adapt(gallery_of(consenting_owner.pk))

    remove_references(Reference.objects.all()[1:])
    enrol(consenting_owner, 2, references=1)

    assert adapt(gallery_of(consenting_owner.pk))


def test_without_consent_nothing_is_learnt(owner: User) -> None:
    for number in (1, 2):
        enrol(owner, number)

    assert not is_due(gallery_of(owner.pk))


def test_all_workers_compare_alike(gallery: PeopleGallery, consenting_owner: User) -> None:
    probes = [vision.Probe(of, TAG) for of in looks_of(3, 8)[5:]]
    first, second = (Galleries().of(consenting_owner.pk).people for _ in range(2))

    assert first.compare(probes) == second.compare(probes)
    [near, *_] = first.compare(probes)
    assert near is not None
    assert near.threshold == Adaptation.objects.get().threshold != vision.space_of(TAG).threshold


def test_a_worker_that_holds_the_gallery_hears_of_what_was_learnt(people: list[Person]) -> None:
    owner_id = people[0].owner_id
    galleries = Galleries()
    probe = [vision.Probe(looks_of(3, 6)[5], TAG)]
    before = galleries.of(owner_id).people.compare(probe)

    adapt(gallery_of(owner_id))

    assert galleries.of(owner_id).people.compare(probe) != before


def test_what_is_learnt_while_the_gallery_changes_is_thrown_away(
    people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = vision.learn_space

    def slowly(*arguments: object) -> vision.LearntSpace:
        mark_change(people[0].owner_id, people=[people[0].pk])
        return learn(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(vision, "learn_space", slowly)

    assert not adapt(gallery_of(people[0].owner_id))
    assert not Adaptation.objects.exists()


def test_a_library_from_before_learns_by_itself(people: list[Person], run_jobs: RunJobs) -> None:
    assert not Job.objects.exists()

    adapt_anew()
    run_jobs()
    assert Adaptation.objects.get().references == 30

    adapt_anew()
    assert not Job.objects.filter(state=Job.State.PENDING).exists()


def test_what_was_learnt_on_another_basis_is_learnt_again(gallery: PeopleGallery) -> None:
    Adaptation.objects.update(basis="of an older release")

    assert adapt(now(gallery))


def test_a_step_matches_the_whole_library_and_a_naming_only_near_faces(
    people: list[Person], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = people[0].owner
    for number in range(1, 7):
        of = looks_of(number, 6)[5]
        make_face(make_photo(owner, with_files=False), 0, of, embedder=TAG)
    seen: list[int] = []

    def noted(
        known: vision.LibraryGallery, faces: list[DetectedFace], *arguments: Any, **more: Any
    ) -> object:
        seen.extend(face.pk for face in faces)
        return name_faces(known, faces, *arguments, **more)

    monkeypatch.setattr(rematching, "name_faces", noted)
    queue_matching(owner.pk)
    run_jobs()
    assert len(seen) == 6

    seen.clear()
    make_reference(people[0], looks_of(1, 7)[6], embedder=TAG, is_kept=True)
    note_change(owner.pk, people=[people[0].pk])
    run_jobs()
    assert len(seen) < 6
    assert Adaptation.objects.get().references == 30


def test_nothing_is_learnt_while_references_are_embedded_anew(
    people: list[Person], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "is_open", lambda stage, _: stage == "references")
    queue_matching(people[0].owner_id)

    run_jobs()

    assert not Adaptation.objects.exists()
