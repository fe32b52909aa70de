"""What was kept in English is said in the language of whoever reads it."""

import pytest
from django.utils.translation import override

from inference.moments import scoring
from webapp.core.words.said import said, said_to


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        pytest.param("The file is empty.", "파일이 비어 있어요.", id="a sentence"),
        pytest.param("eyes open, happy, sharp", "눈을 뜸, 행복, 선명함", id="words"),
        pytest.param(
            "The video is 300 minutes long; the limit is 60. Cut it into shorter ones.",
            "동영상이 300분이에요. 한도는 60분이니 더 짧게 나누어 주세요.",
            id="figures",
        ),
        pytest.param(
            "The picture has 12000 x 9000 pixels (108 megapixels); the limit for PNG is 50 "
            "megapixels.",
            "사진이 너무 커요 (108메가픽셀). PNG의 한도는 50메가픽셀이에요.",
            id="from a decoder",
        ),
        pytest.param("100 % of this, and that.", "100 % of this, and that.", id="unknown"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_kept_sentence_is_read_in_korean(kept: str, read: str) -> None:
    with override("ko"):
        assert said(kept) == read
    assert said(kept) == kept


def test_every_reason_of_the_engine_is_known() -> None:
    reasons = [*scoring._REASONS.values(), scoring.reason_in_words({}, None)]
    with override("ko"):
        assert [reason for reason in reasons if said(reason) == reason] == []


@pytest.mark.parametrize(
    ("headers", "is_korean"),
    [
        pytest.param([(b"accept-language", b"ko-KR,ko;q=0.9,en;q=0.5")], True, id="browser"),
        pytest.param(
            [(b"accept-language", b"en"), (b"cookie", b"a=b; django_language=ko")],
            True,
            id="chosen",
        ),
        pytest.param([(b"accept-language", b"xx")], False, id="unknown"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_a_websocket_speaks_the_language_of_its_page(
    headers: list[tuple[bytes, bytes]], is_korean: bool
) -> None:
    sentence = said_to({"headers": headers}, "The file is empty.")
    assert (sentence == "파일이 비어 있어요.") is is_korean
