"""The recipes that are compared, on clips of coloured squares."""

import numpy as np
import pytest

from inference.errors import DatasetError
from inference.evaluation import live
from inference.evaluation.clips.making import Clip
from inference.recognition.gallery import Gallery
from tests.inference.engine.fakes import COLOURS, FakeModels, jpeg, picture


def gallery(*people: str) -> Gallery[str]:
    rows = np.array([COLOURS[person] for person in people], np.float32)
    return Gallery(list(people), rows / np.linalg.norm(rows, axis=1, keepdims=True), 0.8)


def moving(count: int) -> Clip:
    frames = [jpeg(picture(("red", 60 + 6 * number, 100))) for number in range(count)]
    return Clip(
        "squares", frames, 15.0, [[(60 + 6 * number, 100, "red")] for number in range(count)]
    )


def test_the_engine_reports_one_named_face_on_every_frame() -> None:
    run = live.EngineRecipe(FakeModels()).run(moving(20), gallery("red", "green"))
    assert [len(seen) for seen in run.frames] == [1] * 20
    assert {face.track for (face,) in run.frames} == {1}
    assert run.frames[-1][0].name == "red"
    assert run.seconds > 0


def test_a_frame_that_the_engine_cannot_read_stops_the_measurement() -> None:
    broken = Clip("broken", [jpeg(picture()), b"no picture"], 15.0)
    with pytest.raises(DatasetError, match="did not read"):
        live.EngineRecipe(FakeModels()).run(broken, gallery("red"))


def test_the_plain_recipe_remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PlainMtcnn", FakeModels)
    models = FakeModels()
    run = live.PlainRecipe(models).run(moving(5), gallery("red"))
    assert [[face.name for face in seen] for seen in run.frames] == [["red"]] * 5
    assert models.embedded == 5, "every face of every frame"


def test_the_plain_recipe_on_an_empty_frame_finds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PlainMtcnn", FakeModels)
    run = live.PlainRecipe(FakeModels()).run(Clip("dark", [jpeg(picture())], 15.0), gallery("red"))
    assert run.frames == [[]]
