"""A slice of a film becomes instants with exact frames, and without consent nobody is embedded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import pytest

from inference.engine.models import Sighting
from inference.types import Embeddings
from tests.inference.engine.fakes import COLOURS
from tests.inference.engine.test_moments import Smiles, smiling_picture
from webapp.vision.engine.roster import Roster
from webapp.vision.films import analysis as video_analysis
from webapp.vision.films.analysis import Earlier, Slice, analyse_slice
from webapp.vision.values import Enrolled

RED = UUID(int=1)
PEAKS = (3.0, 8.5)
WANTED = {"wanted": True, "anyone": False, "weights": {}, "favourites": [], "per_minute": 6}
TAG = "colours"


class CountingModels(Smiles):
    """Fake networks that count what they embed."""

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        self.embedded += len(sightings)
        return super().embed(sightings)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody who smiles at ``PEAKS``, at 16 frames a second."""
    path = tmp_path_factory.mktemp("film") / "smiles.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=16, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(13 * 16):
            share = max(1 - abs(number / 16 - peak) / 0.8 for peak in PEAKS)
            image = smiling_picture(max(share, 0.05), look=int(number / 16 > 6))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> CountingModels:
    fakes = CountingModels()
    monkeypatch.setattr(video_analysis, "live_models", lambda: fakes)
    return fakes


@pytest.fixture
def roster() -> Roster:
    row = np.array(COLOURS["red"], "<f4")
    row /= np.linalg.norm(row)
    return Roster({RED: "Red"}, [Enrolled(RED, row.tobytes(), TAG)])


def test_the_peaks_of_a_named_star_are_found(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    found = analyse_slice(film, Slice(0.0, 30.0, roster, WANTED))
    assert [one.best.seconds for one in found.moments] == pytest.approx(PEAKS, abs=0.13)
    assert all(one.people == (RED,) for one in found.moments)
    assert [sample.second for sample in found.samples] == [0, 5, 10]
    assert found.is_over
    assert found.reached == pytest.approx(12.9, abs=0.1)
    x1, y1, x2, y2 = found.moments[0].best.box
    assert (x1 + x2) / 2 == pytest.approx(160 / 320, abs=0.06)
    assert (y1 + y2) / 2 == pytest.approx(100 / 240, abs=0.06)


def test_a_frame_is_named_by_the_tick_at_which_the_file_has_it(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    from webapp.vision.sandbox.videos import read_pictures

    found = analyse_slice(film, Slice(0.0, 30.0, roster, WANTED))
    ticks = [frame.number for one in found.moments for frame in one.frames]
    assert sorted(tick for tick, _ in read_pictures(film, ticks)) == sorted(ticks)


def test_only_what_lies_in_the_slice_is_told(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    found = analyse_slice(film, Slice(5.0, 10.0, roster, WANTED))
    assert [one.best.seconds for one in found.moments] == pytest.approx([8.5], abs=0.13)
    assert [sample.second for sample in found.samples] == [5]
    assert not found.is_over


def test_moments_before_the_slice_keep_their_distance(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    earlier = (Earlier(RED, 6.9, 0.9),)
    found = analyse_slice(film, Slice(5.0, 10.0, roster, WANTED, earlier))
    assert found.moments == ()


def test_without_consent_no_face_is_embedded(film: Path, models: CountingModels) -> None:
    anyone = {"wanted": True, "anyone": True, "weights": {}, "favourites": [], "per_minute": 6}
    found = analyse_slice(film, Slice(0.0, 30.0, None, anyone))
    assert models.embedded == 0
    assert [one.people for one in found.moments] == [(), ()]
    assert found.samples == ()


def test_references_of_another_model_name_nobody(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    old = [Enrolled(one.person, one.embedding, "another@12345678") for one in roster.enrolled]
    found = analyse_slice(film, Slice(0.0, 30.0, Roster(roster.names, old), WANTED))
    assert found.moments == ()


def test_the_same_slice_twice_gives_the_same(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    wanted: Any = Slice(0.0, 30.0, roster, WANTED)
    assert analyse_slice(film, wanted) == analyse_slice(film, wanted)


def test_a_slice_ends_with_its_bin_once_the_worker_is_needed_elsewhere(
    film: Path, models: CountingModels, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one goes on from there, and both together find what one would have found."""
    monkeypatch.setattr(video_analysis, "ASK_SECONDS", 0.0)
    whole = analyse_slice(film, Slice(0.0, 30.0, roster, WANTED))

    first = analyse_slice(film, Slice(0.0, 30.0, roster, WANTED), lambda: True)
    assert (first.stop, first.is_over) == (5.0, False)
    assert [one.best.seconds for one in first.moments] == pytest.approx(PEAKS[:1], abs=0.13)

    rest = analyse_slice(film, Slice(first.stop, 30.0, roster, WANTED))
    found = [one.best.number for one in (*first.moments, *rest.moments)]
    assert found == [one.best.number for one in whole.moments]
    assert rest.is_over
    assert [sample.second for sample in (*first.samples, *rest.samples)] == [0, 5, 10]


def test_the_last_second_of_a_video_is_looked_at_though_a_slice_ends_just_before_it(
    film: Path, models: CountingModels, roster: Roster
) -> None:
    """The film has 13 seconds, and a slice reads two more than it reports."""
    assert not analyse_slice(film, Slice(5.0, 12.0, roster, WANTED)).is_over
    assert analyse_slice(film, Slice(12.0, 42.0, roster, WANTED)).is_over
