import pytest

from inference.emotion.words import emotion_words


@pytest.mark.parametrize(
    ("label", "probabilities", "words"),
    [
        pytest.param("happy", {"happy": 0.6, "surprised": 0.3}, "happy, surprised", id="half"),
        pytest.param("happy", {"happy": 0.7, "surprised": 0.3}, "happy", id="less than half"),
        pytest.param("", {"happy": 0.3, "sad": 0.3}, "", id="not sure"),
        pytest.param("sad", {}, "sad", id="no probabilities were kept"),
        pytest.param(
            "sad", {"sad": 0.4, "anger": 0.45}, "sad, anger", id="shown while another leads"
        ),
    ],
)
def test_a_second_word_needs_half_of_the_first(
    label: str, probabilities: dict[str, float], words: str
) -> None:
    assert emotion_words(label, probabilities) == words
