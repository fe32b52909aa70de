"""What a camera hears of the recogniser is said in whole sentences, in its own language."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from webapp.core.words.said import said_to
from webapp.live.camera.stream import engine_state
from webapp.vision.engine.line import Engine

KOREAN = {"headers": [(b"accept-language", b"ko")]}


def _state(*missing: str) -> Any:
    engine: Any = SimpleNamespace(state="ready", engine=Engine("cpu", "", missing))
    return engine_state(engine)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        pytest.param(["embedder"], "A model is missing, so there are no names.", id="names"),
        pytest.param(["emotion"], "A model is missing, so there are no emotions.", id="emotions"),
        pytest.param(
            ["embedder", "emotion"],
            "Models are missing, so there are no names or emotions.",
            id="both",
        ),
        pytest.param(["detector"], "A model is missing, so no face can be found.", id="faces"),
        pytest.param(
            ["detector", "emotion"], "A model is missing, so no face can be found.", id="all"
        ),
        pytest.param([], "", id="nothing"),
    ],
)
def test_what_cannot_be_had_is_said_and_every_word_of_it_in_korean(
    missing: list[str], words: str
) -> None:
    told = _state(*missing)["message"]
    assert told == words
    assert not re.search("[A-Za-z]", said_to(KOREAN, told))
