"""Names as users type them."""

import pytest

from webapp.people.names import BadNameError, clean_name


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("  Lisa ", "Lisa", id="blanks around"),
        pytest.param("Park   Chae\tyoung\n", "Park Chae young", id="blanks inside"),
        pytest.param("Rose\u0301", "Ros\u00e9", id="an accent of its own is joined"),
        pytest.param("리사", "리사", id="Korean"),
        pytest.param("\u1105\u1175\u1109\u1161", "리사", id="Korean in parts"),
        pytest.param("Li\u202esa", "Li sa", id="a mark that turns the direction"),
        pytest.param("Li\u0000sa", "Li sa", id="a zero"),
        pytest.param("<b>Lisa</b>", "<b>Lisa</b>", id="markup is only text"),
        pytest.param("x" * 80, "x" * 80, id="just long enough"),
    ],
)
def test_a_name_is_cleaned(raw: str, expected: str) -> None:
    assert clean_name(raw) == expected


@pytest.mark.parametrize("raw", ["", "   ", "\u200b\u200b", "\x00", "x" * 81])
def test_a_name_that_cannot_be_is_refused(raw: str) -> None:
    with pytest.raises(BadNameError):
        clean_name(raw)
