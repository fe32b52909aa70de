"""A fancam is made of a real file: the star is looked for, and the window follows her."""

from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest

from tests.inference.engine.fakes import COLOURS, FakeModels, picture
from webapp.vision.engine.roster import Roster
from webapp.vision.films import fancams
from webapp.vision.films.fancams import FancamOrder, make_fancam
from webapp.vision.films.making import CannotFilmError
from webapp.vision.values import Enrolled

RED, BLUE = UUID(int=1), UUID(int=2)
WIDE = (640, 360)
RATE = 15


def _place(seconds: float) -> int:
    """Of the star: from the left edge to the right one."""
    return round(40 + 100 * seconds)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red walks over the stage, green stands."""
    path = tmp_path_factory.mktemp("film") / "stage.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *WIDE, "yuv420p"
        for number in range(round(5.5 * RATE)):
            squares = (("red", _place(number / RATE), 120), ("green", 320, 300))
            image = picture(*squares, width=WIDE[0], height=WIDE[1])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def roster(monkeypatch: pytest.MonkeyPatch) -> Roster:
    """Red and blue are enrolled; blue is nowhere."""
    monkeypatch.setattr(fancams, "live_models", FakeModels)

    def enrolled(person: UUID, colour: str) -> Enrolled:
        row = np.array(COLOURS[colour], "<f4")
        return Enrolled(person, (row / np.linalg.norm(row)).astype("<f4").tobytes(), "colours")

    people = (enrolled(RED, "red"), enrolled(BLUE, "blue"))
    return Roster({RED: "Lisa", BLUE: "Rosé"}, people)


def test_the_star_is_in_every_picture_and_the_others_are_left_behind(
    film: Path, roster: Roster, tmp_path: Path
) -> None:
    told: list[float] = []
    target = tmp_path / "fancam.mp4"

    seen = make_fancam(film, target, FancamOrder((0.5, 5.0), RED), roster, told.append)

    assert seen >= 0.95
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1
    with av.open(str(target)) as container:
        images = [one.to_ndarray(format="rgb24") for one in container.decode(video=0)]
    assert images[0].shape[:2] == (360, 202)
    assert len(images) == pytest.approx(4.5 * RATE, abs=1)
    red = [(image[..., 0] > 150) & (image[..., 1] < 90) for image in images]
    whole = np.array([mask.sum() for mask in red])
    assert np.mean(whole > 0.9 * 48 * 48) >= 0.98, "her face is cut nowhere"
    assert [path.name for path in tmp_path.glob("*.*")] == ["fancam.mp4"], "the plan is gone"


def test_a_name_is_written_only_where_it_is_wanted(
    film: Path, roster: Roster, tmp_path: Path
) -> None:
    def foot_of(caption: str) -> float:
        target = tmp_path / f"{caption or 'none'}.mp4"
        make_fancam(film, target, FancamOrder((0.0, 1.0), RED, caption), roster, lambda _: None)
        with av.open(str(target)) as container:
            image = next(container.decode(video=0)).to_ndarray(format="gray")
        return float(image[-60:, :90].max())

    assert foot_of("Lisa") > foot_of("") + 60


def test_who_is_nowhere_in_the_part_is_said_by_name(
    film: Path, roster: Roster, tmp_path: Path
) -> None:
    with pytest.raises(CannotFilmError, match="Rosé was not found"):
        make_fancam(film, tmp_path / "o.mp4", FancamOrder((0, 2), BLUE), roster, lambda _: None)
    nobody = Roster({}, ())
    with pytest.raises(CannotFilmError):
        make_fancam(film, tmp_path / "o.mp4", FancamOrder((0, 2), RED), nobody, lambda _: None)
    assert not list(tmp_path.glob("*.*"))


def test_a_long_part_is_looked_at_in_pieces(
    film: Path, roster: Roster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fancams, "PART_SECONDS", 2.0)
    seen = make_fancam(film, tmp_path / "o.mp4", FancamOrder((0, 5), RED), roster, lambda _: None)
    assert seen >= 0.95
