import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.moments import scoring
from inference.moments.measures import CHROMA_SIDE, SIGNATURE_SIDE, FaceMeasures
from inference.moments.past import Usual
from inference.moments.scoring import (
    DEFAULT_WEIGHTS,
    TERM_NAMES,
    FaceState,
    reason_in_words,
    score_terms,
    weigh,
)
from inference.types import Face

CHANCE = np.random.default_rng(1)
LOOK = CHANCE.normal(size=SIGNATURE_SIDE**2).astype(np.float32)
SKIN = np.full((CHROMA_SIDE, CHROMA_SIDE, 2), (30, -15), dtype=np.float32)
USUAL = Usual(0.2, 120.0, 0.0, 0.3, LOOK, SKIN)


def measures(**changes: object) -> FaceMeasures:
    """Return a face as it usually is, but for what is given."""
    usual = FaceMeasures(12.0, 40.0, 0.3, 0.1, 0.05, 120.0, 0.0, 0.08, 0.4, LOOK, SKIN)
    return replace(usual, **changes)  # type: ignore[arg-type]


def covered(part: tuple[slice, slice]) -> np.ndarray:
    """Return the look with one part of it replaced by something else."""
    look = LOOK.reshape(SIGNATURE_SIDE, SIGNATURE_SIDE).copy()
    look[part] = CHANCE.normal(size=look[part].shape)
    return look.ravel()


@pytest.mark.parametrize(
    ("emotions", "expected"),
    [
        pytest.param({}, 0.0, id="nothing read"),
        pytest.param({"neutral": 1.0}, 0.0, id="neutral"),
        pytest.param({"happy": 1.0}, 1.0, id="happy"),
        pytest.param({"surprised": 0.5, "neutral": 0.5}, 0.5, id="half surprised"),
        pytest.param({"sad": 1.0}, 0.7, id="sadness counts less than joy"),
    ],
)
def test_expressions_count_by_their_kind(emotions: dict[str, float], expected: float) -> None:
    assert scoring.expression_intensity(emotions) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("intensity", "usual", "expected"),
    [
        pytest.param(0.9, None, 0.5, id="nothing to compare with"),
        pytest.param(0.3, 0.3, 0.5, id="as usual"),
        pytest.param(0.95, 0.95, 0.5, id="who always smiles does not win by it"),
        pytest.param(1.0, 0.0, 1.0, id="from blank to a laugh"),
        pytest.param(0.0, 1.0, 0.0, id="from a laugh to blank"),
        pytest.param(0.9, 0.0, 0.983, id="a broad smile is still less than a laugh"),
        pytest.param(0.6, 0.2, 0.797, id="a smile"),
    ],
)
def test_the_expression_counts_against_the_usual_one(
    intensity: float, usual: float | None, expected: float
) -> None:
    assert scoring.expression_term(intensity, usual) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("turn", "nod", "low", "high"),
    [
        pytest.param(0.0, 0.0, 1.0, 1.0, id="from the front"),
        pytest.param(0.5, 0.0, 0.4, 0.8, id="half turned"),
        pytest.param(1.2, 0.0, 0.0, 0.0, id="profile"),
        pytest.param(0.0, 0.3, 0.5, 0.9, id="looking down"),
    ],
)
def test_a_face_that_looks_into_the_camera_is_best(
    turn: float, nod: float, low: float, high: float
) -> None:
    assert low <= scoring.pose_term(turn, nod) <= high


@pytest.mark.parametrize(
    ("now", "usual", "low", "high"),
    [
        pytest.param((100, 0.0), (100, 0.0), 1.0, 1.0, id="as usual"),
        pytest.param((30, 0.0), (30, 0.0), 1.0, 1.0, id="dark like the whole stage"),
        pytest.param((120, 0.2), (120, 0.2), 1.0, 1.0, id="clipped like the whole stage"),
        pytest.param((50, 0.0), (100, 0.0), 0.2, 0.6, id="a stop darker"),
        pytest.param((25, 0.0), (100, 0.0), 0.0, 0.1, id="two stops darker"),
        pytest.param((200, 0.3), (100, 0.0), 0.0, 0.3, id="burnt by a spotlight"),
        pytest.param((100, 0.0), None, 1.0, 1.0, id="plain light, first frame"),
        pytest.param((20, 0.0), None, 0.0, 0.2, id="dark, first frame"),
    ],
)
def test_light_counts_against_the_light_of_the_last_seconds(
    now: tuple[float, float], usual: tuple[float, float] | None, low: float, high: float
) -> None:
    assert low <= scoring.exposure_term(now, usual) <= high


@pytest.mark.parametrize(
    ("openness", "usual", "low", "high"),
    [
        pytest.param(0.30, 0.30, 1.0, 1.0, id="open as usual"),
        pytest.param(0.10, 0.10, 1.0, 1.0, id="narrow eyes that are open"),
        pytest.param(0.05, 0.30, 0.0, 0.1, id="a blink"),
        pytest.param(0.13, 0.30, 0.3, 0.6, id="half open"),
        pytest.param(0.01, 0.01, 0.0, 0.2, id="always closed"),
        pytest.param(0.20, None, 1.0, 1.0, id="open on the first frame"),
        pytest.param(0.02, None, 0.0, 0.0, id="closed on the first frame"),
    ],
)
def test_eyes_count_against_the_same_eyes(
    openness: float, usual: float | None, low: float, high: float
) -> None:
    assert low <= scoring.eyes_term(openness, 40.0, usual) <= high


def test_eyes_of_a_few_pixels_are_neither_open_nor_closed() -> None:
    assert scoring.eyes_term(0.0, 8.0, 0.3) == scoring.eyes_term(0.3, 8.0, 0.3) > 0.5
    assert scoring.eyes_term(0.0, 20.0, 0.3) < scoring.eyes_term(0.3, 20.0, 0.3)


@pytest.mark.parametrize(
    ("part", "low", "high"),
    [
        pytest.param(np.s_[8:, :], 0.0, 0.6, id="lower half, a microphone"),
        pytest.param(np.s_[:, :8], 0.0, 0.6, id="one side, a hand"),
        pytest.param(np.s_[:3, :3], 0.7, 1.0, id="a lock of hair"),
    ],
)
def test_what_covers_half_of_a_face_shows(
    part: tuple[slice, slice], low: float, high: float
) -> None:
    assert scoring.unhidden_term(measures(), USUAL) == 1.0
    hidden = scoring.unhidden_term(measures(signature=covered(part)), USUAL)
    assert low <= hidden <= high


def test_something_of_another_colour_before_the_mouth_shows() -> None:
    colours = SKIN.copy()
    colours[4:, 2:4] = 0
    assert scoring.unhidden_term(measures(chroma=colours), USUAL) < 0.4


def test_light_that_changes_its_colour_hides_nothing() -> None:
    assert scoring.unhidden_term(measures(chroma=SKIN + np.float32((25, -20))), USUAL) == 1.0


def test_landmarks_that_fit_no_face_show_that_something_covers_it() -> None:
    assert scoring.unhidden_term(measures(residual=0.6), None) == 0.0
    assert scoring.unhidden_term(measures(residual=0.1), None) == 1.0


@pytest.mark.parametrize(
    ("term", "worst", "worse", "best"),
    [
        pytest.param(scoring.sharpness_term, 0.5, 4.0, 40.0, id="sharpness"),
        pytest.param(scoring.size_term, 0.02, 0.1, 0.6, id="size"),
        pytest.param(scoring.stillness_term, 6.0, 1.0, 0.0, id="stillness"),
    ],
)
def test_a_plain_measure_becomes_a_share(
    term: object, worst: float, worse: float, best: float
) -> None:
    assert callable(term)
    assert term(worst) == 0.0
    assert 0.0 < term(worse) < 1.0
    assert term(best) == 1.0


def test_doubling_the_size_counts_the_same_everywhere() -> None:
    steps = [scoring.size_term(0.05 * 2**power) for power in range(4)]
    assert np.diff(steps) == pytest.approx(np.diff(steps)[0])


finite = st.floats(0, 300)


@given(
    st.builds(
        FaceMeasures,
        detail=finite,
        eye_distance=finite,
        openness=finite,
        turn=finite,
        nod=finite,
        luma=st.floats(0, 255),
        clipped=st.floats(0, 1),
        residual=finite,
        share=finite,
        signature=st.just(LOOK),
        chroma=st.just(SKIN),
    ),
    st.builds(FaceState, st.just({"happy": 1.0}), st.floats(0, 1), finite),
    st.one_of(
        st.none(),
        st.builds(
            Usual,
            intensity=st.floats(0, 1),
            luma=st.floats(0, 255),
            clipped=st.floats(0, 1),
            openness=finite,
            signature=st.just(LOOK),
            chroma=st.just(SKIN),
        ),
    ),
)
def test_every_term_and_every_score_lies_between_0_and_1(
    face: FaceMeasures, state: FaceState, usual: Usual | None
) -> None:
    terms = score_terms(face, state, usual)
    assert tuple(terms) == TERM_NAMES
    assert all(0 <= value <= 1 for value in terms.values())
    assert 0 <= weigh(terms) <= 1


def test_the_table_of_weights_sums_to_one() -> None:
    assert sum(DEFAULT_WEIGHTS.values()) == pytest.approx(1)
    assert all(weight > 0 for weight in DEFAULT_WEIGHTS.values())


def test_a_missing_weight_is_the_usual_one_and_a_single_one_decides() -> None:
    terms = {**dict.fromkeys(TERM_NAMES, 0.5), "pose": 1.0}
    assert weigh(terms, {}) == pytest.approx(weigh(terms))
    assert weigh(terms, {**dict.fromkeys(TERM_NAMES, 0.0), "pose": 1.0}) == 1.0
    assert math.isclose(weigh(terms, dict.fromkeys(TERM_NAMES, 0.0)), weigh(terms))


@pytest.mark.parametrize(
    ("good", "emotion", "words"),
    [
        pytest.param(
            {"eyes": 1.0, "sharpness": 0.8, "expression": 0.9},
            "surprised",
            {"eyes open", "surprised", "sharp"},
            id="the issue's own",
        ),
        pytest.param({"pose": 1.0}, None, {"facing the camera"}, id="no expression"),
        pytest.param({"pose": 1.0}, "happy", {"facing the camera"}, id="as happy as always"),
        pytest.param({"expression": 0.9}, "neutral", {"the best of this moment"}, id="neutral"),
        pytest.param({}, None, {"the best of this moment"}, id="nothing stands out"),
    ],
)
def test_a_reason_names_what_is_good(
    good: dict[str, float], emotion: str | None, words: set[str]
) -> None:
    terms = {**dict.fromkeys(TERM_NAMES, 0.4), **good}
    assert set(reason_in_words(terms, emotion).split(", ")) == words


def test_a_reason_has_at_most_three_parts() -> None:
    terms = dict.fromkeys(TERM_NAMES, 1.0)
    assert len(reason_in_words(terms, "happy").split(", ")) == 3
    assert "happy" in reason_in_words(terms, "happy")


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        pytest.param((10, 10, 60, 70), False, id="inside"),
        pytest.param((-0.5, 0, 50, 60), False, id="touches"),
        pytest.param((-5, 10, 45, 70), True, id="left"),
        pytest.param((60, 10, 110, 70), True, id="right"),
        pytest.param((10, -20, 60, 40), True, id="above"),
        pytest.param((10, 50, 60, 110), True, id="below"),
    ],
)
def test_a_face_that_the_edge_cuts_is_told(
    box: tuple[float, float, float, float], expected: bool
) -> None:
    face = Face(box, 0.9, np.zeros((5, 2), np.float32))
    assert scoring.is_cut(face, 100, 100) is expected
