"""Who a face shows, out of stored embeddings."""

import subprocess
import sys
from uuid import UUID, uuid4

import numpy as np
import pytest

from tests.webapp.analysis.cast import EMBEDDER, embedding
from webapp.vision import Enrolled, LibraryGallery, Naming, Nearness, Probe
from webapp.vision.gallery.spaces import AsStored, space_of

LISA, ROSE = uuid4(), uuid4()
ENROLLED = [Enrolled(LISA, embedding(1), EMBEDDER), Enrolled(ROSE, embedding(2), EMBEDDER)]


def known(enrolled: list[Enrolled] = ENROLLED, threshold: float = 0.5) -> LibraryGallery:
    """Return a gallery with a threshold of the test's own."""
    return LibraryGallery(enrolled, lambda model: AsStored(threshold))


def probe(axis: int, similarity: float = 1.0, towards: int = 9, **fields: object) -> Probe:
    """Return a face that is so similar to the person of an axis."""
    of = embedding(axis, towards, similarity)
    return Probe(**{"embedding": of, "embedder": EMBEDDER, **fields})  # type: ignore[arg-type]


def names(answers: list[Naming]) -> list[UUID | None]:
    """Return who was named."""
    return [answer.match.person if answer.match else None for answer in answers]


def test_a_face_near_a_reference_gets_its_name_and_similarity() -> None:
    [answer] = known().name_faces([probe(1, 0.8)])

    assert answer.match is not None
    assert answer.match.person == LISA
    assert answer.match.similarity == pytest.approx(0.8, abs=1e-4)


def test_a_stranger_stays_unknown() -> None:
    assert names(known().name_faces([probe(5)])) == [None]


def test_just_below_the_threshold_is_unknown_but_a_candidate() -> None:
    [answer] = known().name_faces([probe(1, 0.49)])

    assert answer.match is None
    assert [one.person for one in answer.candidates] == [LISA]


def test_who_is_far_from_everybody_has_no_candidates() -> None:
    [answer] = known().name_faces([probe(1, 0.2)])

    assert answer.candidates == ()


def test_two_faces_of_one_photo_never_get_one_name() -> None:
    faces = [probe(1, 0.8), probe(1, 0.9)]

    assert names(known().name_faces(faces)) == [None, LISA]


def test_who_stands_in_the_photo_already_is_taken() -> None:
    assert names(known().name_faces([probe(1)], taken={LISA})) == [None]


def test_the_next_person_is_named_where_the_first_is_ruled_out() -> None:
    face = probe(1, 0.8, towards=2, not_these=frozenset({LISA}))

    [answer] = known().name_faces([face])

    assert answer.match is not None
    assert answer.match.person == ROSE
    assert [one.person for one in answer.candidates] == [ROSE]


def test_a_blurred_face_does_not_take_the_name_from_a_sharp_one() -> None:
    faces = [probe(1, 0.82, quality=0.1), probe(1, 0.8, quality=0.9)]

    assert names(known().name_faces(faces)) == [None, LISA]


def test_a_face_too_poor_to_be_named_is_only_suggested() -> None:
    [answer] = known().name_faces([probe(1, quality=0.01)])

    assert answer.match is None
    assert [one.person for one in answer.candidates] == [LISA]


def test_embeddings_of_two_models_are_never_compared() -> None:
    faces = [probe(1, embedder="other@1"), probe(1)]

    assert names(known().name_faces(faces)) == [None, LISA]


def test_references_of_two_models_live_side_by_side() -> None:
    mixed = [*ENROLLED, Enrolled(ROSE, embedding(1)[: 4 * 64], "small@1")]
    small = Probe(embedding(1)[: 4 * 64], "small@1")

    assert names(known(mixed).name_faces([small, probe(1)])) == [ROSE, LISA]


def test_of_a_face_that_no_model_of_the_gallery_embedded_nothing_can_be_said() -> None:
    [answer] = known().compare([probe(1, embedder="other@1")])

    assert answer is None


def test_whose_name_a_face_bears_is_among_its_candidates_however_many_are_nearer() -> None:
    people = [uuid4() for _ in range(5)]
    rows = [embedding(number, towards=20, similarity=0.9) for number in range(5)]
    enrolled = [Enrolled(*pair, EMBEDDER) for pair in zip(people, rows, strict=True)]
    together = np.sum([np.frombuffer(row, "<f4") for row in rows[:4]], axis=0)
    face = Probe((together / np.linalg.norm(together)).astype("<f4").tobytes(), EMBEDDER)

    [answer] = known(enrolled).name_faces([face], taken=set(people) - {people[3]})

    assert answer.match is not None
    assert answer.match in answer.candidates


@pytest.mark.parametrize(
    ("enrolled", "face", "name"),
    [
        pytest.param([Enrolled(LISA, embedding(7), EMBEDDER)], probe(7), LISA, id="now"),
        pytest.param([Enrolled(LISA, embedding(7), EMBEDDER)], probe(1), None, id="no longer"),
        pytest.param([], probe(1), None, id="gone"),
        pytest.param([], probe(2), ROSE, id="somebody else"),
    ],
)
def test_a_person_enrolled_otherwise_is_known_by_that_alone(
    enrolled: list[Enrolled], face: Probe, name: UUID | None
) -> None:
    before = known()

    after = before.with_people(enrolled, of=[LISA])

    assert names(after.name_faces([face])) == [name]
    assert names(before.name_faces([probe(1)])) == [LISA]


def test_a_face_without_embedding_is_unknown() -> None:
    bare = Probe(None, "")

    assert names(known().name_faces([bare, probe(1)])) == [None, LISA]
    assert known().compare([bare]) == [Nearness()]


def test_an_empty_gallery_knows_nobody() -> None:
    assert names(known([]).name_faces([probe(1)])) == [None]
    assert known([]).name_faces([]) == []


def test_the_shipped_threshold_belongs_to_the_model_of_the_tag() -> None:
    from inference.recognition.thresholds import THRESHOLDS

    for name, threshold in THRESHOLDS.items():
        assert space_of(f"{name}@12345678").threshold == threshold


def test_matching_loads_no_network() -> None:
    code = (
        "import sys, uuid, numpy as np\n"
        "from webapp.vision import Enrolled, LibraryGallery, Probe\n"
        "one = np.eye(1, 128, dtype='<f4').tobytes()\n"
        "people = LibraryGallery([Enrolled(uuid.uuid4(), one, 'dlib-resnet@1')])\n"
        "assert people.name_faces([Probe(one, 'dlib-resnet@1')])[0].match\n"
        "assert not {'torch', 'cv2'} & set(sys.modules), 'a network library was loaded'\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
