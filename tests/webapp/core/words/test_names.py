"""Names are compared by what all their spellings have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.words.names import folded, tidied

SAME = [
    pytest.param("ROSÉ", "Rosé", id="case beyond ASCII"),
    pytest.param("ROSE\u0301", "Ros\u00e9", id="an accent of its own"),
    pytest.param("ＬＩＳＡ", "lisa", id="full width"),
    pytest.param("ﾘｻ", "リサ", id="half width"),
    pytest.param("\u1105\u1175\u1109\u1161", "리사", id="Korean in parts"),
    pytest.param("Groß", "GROSS", id="a sharp s"),
    pytest.param("ΣΟΦΟΣ", "σοφος", id="two forms of sigma"),
    pytest.param("Kim\u3000Jisoo ", " kim jisoo", id="wide blanks"),
    pytest.param("Li\u200bsa", "li sa", id="an invisible letter counts as a blank"),
    pytest.param("№1", "no1", id="one sign for two letters"),
]

APART = [
    pytest.param("Rosé", "Rose", id="an accent"),
    pytest.param("Mina", "Mila", id="a letter"),
    pytest.param("리사", "리자", id="a syllable"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40))
def test_how_a_name_is_written_down_does_not_change_who_it_is(text: str) -> None:
    assert folded(tidied(text)) == folded(text)
