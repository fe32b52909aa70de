"""Who a face shows, out of stored embeddings."""

import subprocess
import sys
from uuid import UUID, uuid4

import pytest

from tests.webapp.analysis.cast import EMBEDDER, embedding
from webapp.vision import Enrolled, KnownPeople, Naming, Probe
from webapp.vision.matching import shipped_threshold

LISA, ROSE = uuid4(), uuid4()
ENROLLED = [Enrolled(LISA, embedding(1), EMBEDDER), Enrolled(ROSE, embedding(2), EMBEDDER)]


def known(enrolled: list[Enrolled] = ENROLLED, threshold: float = 0.5) -> KnownPeople:
    """Return a gallery with a threshold of the test's own."""
    return KnownPeople(enrolled, lambda model: threshold)


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
    [answer] = known().name_faces([probe(1, quality=0.06)])

    assert answer.match is None
    assert [one.person for one in answer.candidates] == [LISA]


def test_embeddings_of_two_models_are_never_compared() -> None:
    faces = [probe(1, embedder="other@1"), probe(1)]

    assert names(known().name_faces(faces)) == [None, LISA]


def test_references_of_two_models_live_side_by_side() -> None:
    mixed = [*ENROLLED, Enrolled(ROSE, embedding(1)[: 4 * 64], "small@1")]
    small = Probe(embedding(1)[: 4 * 64], "small@1")

    assert names(known(mixed).name_faces([small, probe(1)])) == [ROSE, LISA]


def test_a_face_without_embedding_is_unknown() -> None:
    bare = Probe(None, "")

    assert names(known().name_faces([bare, probe(1)])) == [None, LISA]
    assert known().candidates(bare) == ()


def test_an_empty_gallery_knows_nobody() -> None:
    assert names(known([]).name_faces([probe(1)])) == [None]
    assert known([]).name_faces([]) == []


def test_the_shipped_threshold_belongs_to_the_model_of_the_tag() -> None:
    from inference.recognition.thresholds import THRESHOLDS

    for name, threshold in THRESHOLDS.items():
        assert shipped_threshold(f"{name}@12345678") == threshold


def test_matching_loads_no_network() -> None:
    code = (
        "import sys, uuid, numpy as np\n"
        "from webapp.vision import Enrolled, KnownPeople, Probe\n"
        "one = np.eye(1, 128, dtype='<f4').tobytes()\n"
        "people = KnownPeople([Enrolled(uuid.uuid4(), one, 'dlib-resnet@1')])\n"
        "assert people.name_faces([Probe(one, 'dlib-resnet@1')])[0].match\n"
        "assert not {'torch', 'cv2'} & set(sys.modules), 'a network library was loaded'\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
