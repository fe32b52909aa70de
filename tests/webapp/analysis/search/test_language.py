"""What is typed into the search box."""

from datetime import date
from uuid import UUID

import pytest

from webapp.analysis.search.language import MOST_TERMS, parse
from webapp.analysis.search.suggestions import suggestions_for
from webapp.analysis.search.terms import (
    Days,
    FaceCount,
    Feeling,
    Flag,
    Meaning,
    Megapixels,
    OfCameras,
    OfConcerts,
    OfPerson,
    SearchError,
    Vocabulary,
)

JISOO, LISA, KIM, SEOUL, BUSAN = (UUID(int=number) for number in range(1, 6))
KNOWN = Vocabulary(
    people={
        "Jisoo": frozenset([JISOO]),
        "Lisa": frozenset([LISA]),
        "Kim Lip": frozenset([KIM]),
        "Kim Min": frozenset([UUID(int=9)]),
        "ROSÉ": frozenset([UUID(int=8)]),
        "BLACKPINK": frozenset([JISOO, LISA]),
    },
    concerts={"Born Pink Seoul": frozenset([SEOUL]), "Born Pink Busan": frozenset([BUSAN])},
    cameras=["SONY ILCE-7M4", "iPhone 15"],
    emotions=["happy", "surprised", "sad"],
)
J, L = OfPerson(frozenset([JISOO])), OfPerson(frozenset([LISA]))
SURPRISED_LISA = OfPerson(frozenset([LISA]), Feeling("surprised"))
MAY = Days(date(2026, 5, 1), date(2026, 5, 31))


def meanings(text: str) -> list[tuple[bool, Meaning]]:
    return [(term.is_not, term.meaning) for term in parse(text, KNOWN).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("lisa", [(False, L)], id="a name in small letters"),
        pytest.param("rose", [(False, OfPerson(frozenset([UUID(int=8)])))], id="without accents"),
        pytest.param("jis", [(False, J)], id="the beginning of one name"),
        pytest.param("kim lip", [(False, OfPerson(frozenset([KIM])))], id="a name of two words"),
        pytest.param('"Kim Lip"', [(False, OfPerson(frozenset([KIM])))], id="a name in quotes"),
        pytest.param("blackpink", [(False, OfPerson(frozenset([JISOO, LISA])))], id="a group"),
        pytest.param("jisoo + lisa", [(False, J), (False, L)], id="both with a plus"),
        pytest.param("jisoo and lisa", [(False, J), (False, L)], id="both with and"),
        pytest.param("jisoo lisa", [(False, J), (False, L)], id="both side by side"),
        pytest.param("-lisa", [(True, L)], id="not somebody"),
        pytest.param("jisoo -lisa", [(False, J), (True, L)], id="one without the other"),
        pytest.param("happy", [(False, Feeling("happy"))], id="an emotion"),
        pytest.param("happy>0.8", [(False, Feeling("happy", 0.8))], id="a strong emotion"),
        pytest.param("happy>80%", [(False, Feeling("happy", 0.8))], id="in percent"),
        pytest.param("-happy", [(True, Feeling("happy"))], id="not an emotion"),
        pytest.param("lisa surprised", [(False, SURPRISED_LISA)], id="the emotion of somebody"),
        pytest.param(
            "lisa + surprised",
            [(False, L), (False, Feeling("surprised"))],
            id="a plus parts an emotion from a name",
        ),
        pytest.param(
            "lisa -happy", [(False, L), (True, Feeling("happy"))], id="nobody happy beside her"
        ),
        pytest.param("faces:2", [(False, FaceCount(2, 2))], id="so many faces"),
        pytest.param("faces:3-5", [(False, FaceCount(3, 5))], id="a range of faces"),
        pytest.param("faces:6+", [(False, FaceCount(6, None))], id="so many faces or more"),
        pytest.param("no:faces", [(False, FaceCount(0, 0))], id="no faces"),
        pytest.param("concert:seoul", [(False, OfConcerts(frozenset([SEOUL])))], id="a concert"),
        pytest.param(
            'concert:"born pink"',
            [(False, OfConcerts(frozenset([SEOUL, BUSAN])))],
            id="concerts that hold the words",
        ),
        pytest.param("no:concert", [(False, OfConcerts(frozenset()))], id="no concert"),
        pytest.param("2026-05", [(False, MAY)], id="a month"),
        pytest.param("2026", [(False, Days(date(2026, 1, 1), date(2026, 12, 31)))], id="a year"),
        pytest.param(
            "2026-02-28", [(False, Days(date(2026, 2, 28), date(2026, 2, 28)))], id="a day"
        ),
        pytest.param(
            "2026-05-17..2026-06",
            [(False, Days(date(2026, 5, 17), date(2026, 6, 30)))],
            id="from a day to a month",
        ),
        pytest.param("2026-05..", [(False, Days(date(2026, 5, 1), None))], id="from a month on"),
        pytest.param("..2026", [(False, Days(None, date(2026, 12, 31)))], id="until a year"),
        pytest.param("after:2026-05", [(False, Days(date(2026, 6, 1), None))], id="after a month"),
        pytest.param(
            "before:2026-05", [(False, Days(None, date(2026, 4, 30)))], id="before a month"
        ),
        pytest.param(
            "camera:sony", [(False, OfCameras(frozenset(["SONY ILCE-7M4"])))], id="a camera"
        ),
        pytest.param("favourite", [(False, Flag("favourite"))], id="favourites"),
        pytest.param("unnamed", [(False, Flag("unnamed"))], id="unnamed faces"),
        pytest.param("has:portrait", [(False, Flag("portrait"))], id="portraits"),
        pytest.param("size:12mp", [(False, Megapixels(12.0))], id="a size"),
        pytest.param(
            "jisoo + lisa surprised faces:2 concert:seoul 2026-05",
            [
                (False, J),
                (False, SURPRISED_LISA),
                (False, FaceCount(2, 2)),
                (False, OfConcerts(frozenset([SEOUL]))),
                (False, MAY),
            ],
            id="the whole language",
        ),
    ],
)
def test_what_is_typed_means(text: str, expected: list[tuple[bool, Meaning]]) -> None:
    assert meanings(text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("lisa hungry", "hungry", id="no name, no emotion"),
        pytest.param("kim", "kim", id="the beginning of two names"),
        pytest.param("happy>2", "happy>2", id="more than all"),
        pytest.param("faces:many", "faces:many", id="faces in words"),
        pytest.param("faces:5-3", "faces:5-3", id="a range that ends before it begins"),
        pytest.param("concert:tokyo", "concert:tokyo", id="no such concert"),
        pytest.param("camera:leica", "camera:leica", id="no such camera"),
        pytest.param("emotion:hungry", "emotion:hungry", id="no such emotion"),
        pytest.param("2026-13", "2026-13", id="no such month"),
        pytest.param("2026-02-30", "2026-02-30", id="no such day"),
        pytest.param("2026-05..2026-04", "2026-05..2026-04", id="days that end before they begin"),
        pytest.param("no:lisa", "no:lisa", id="no: of something else"),
        pytest.param("has:hair", "has:hair", id="has: of something else"),
        pytest.param("size:big", "size:big", id="a size in words"),
        pytest.param("concert:", "concert:", id="a key without a word"),
        pytest.param("lisa " * (MOST_TERMS + 1), "lisa", id="too many parts"),
    ],
)
def test_what_is_not_understood_is_named(text: str, part: str) -> None:
    with pytest.raises(SearchError) as caught:
        parse(text, KNOWN)
    assert caught.value.part == part
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("text", ["-", '"', '-"', ":", "faces:\x00", "💜", "x" * 5000, "..", "-:-"])
def test_nonsense_is_refused_in_words_and_never_breaks(text: str) -> None:
    try:
        parse(text, KNOWN)
    except SearchError as error:
        assert error.part  # noqa: PT017


def test_a_chip_is_taken_away_without_touching_the_others() -> None:
    search = parse("jisoo + lisa surprised -happy faces:2", KNOWN)
    assert str(search) == "jisoo lisa surprised -happy faces:2"
    assert search.without(search.terms[1]) == "jisoo -happy faces:2"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        pytest.param("ji", "Jisoo ", id="a name"),
        pytest.param("jisoo -li", "jisoo -Lisa ", id="the last word, its sign kept"),
        pytest.param("kim l", None, id="words apart are words apart"),
        pytest.param('"kim l', '"Kim Lip" ', id="an open quote holds two words"),
        pytest.param("sur", "surprised ", id="an emotion"),
        pytest.param("concert:bus", 'concert:"Born Pink Busan" ', id="a concert by a word in it"),
        pytest.param("fav", "favourite ", id="a word of the language"),
    ],
)
def test_the_box_suggests_how_to_go_on(typed: str, first: str | None) -> None:
    found = suggestions_for(typed, KNOWN)
    if first is not None:
        assert found[0].text == first
    assert len(found) <= 8
