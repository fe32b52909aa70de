from pathlib import Path

import numpy as np
import pytest

from inference.datasets.faces import LabelledFace
from inference.datasets.identities import LabelledPhoto
from inference.errors import DatasetError
from inference.recognition.postprocessing import Part
from inference.training import recognition_statistics
from inference.training.recognition_statistics import save_statistics, training_statistics
from inference.types import Face

LAMP = 3.0
"""By how much any light changes a face."""
FACE = Face((0, 0, 1, 1), 1.0, np.zeros((5, 2), np.float32))


class Numbered:
    """Embeds a photo as the number in its name."""

    class postprocessing:  # noqa: N801 - stands for the property of an embedder
        parts = (Part(2, 1.0),)

    @staticmethod
    def embed_raw(image, faces):
        return np.array([[image, 1.0]] * len(faces), np.float32)


def photo(number, person, source="bts_group"):
    return LabelledPhoto(Path(str(number)), person, source)


@pytest.fixture
def shown(monkeypatch):
    """Let a test say which photos there are."""

    def show(photos):
        module = recognition_statistics
        monkeypatch.setattr(module, "training_identities", lambda _data: photos)
        monkeypatch.setattr(
            module,
            "find_labelled_faces",
            lambda wanted, _detector, _cache: [LabelledFace(photo, FACE) for photo in wanted],
        )
        monkeypatch.setattr("inference.datasets.faces.read_photo", lambda path: float(path.name))
        monkeypatch.setattr(module, "lit_photo", lambda path, light: float(path.name) + LAMP)
        monkeypatch.setattr(module, "RAW_LOADERS", {"numbered": lambda _directory: Numbered()})
        return training_statistics(Path(), "numbered", Path())

    return show


def test_only_k_pop_faces_are_summed_up_each_person_alike(shown):
    photos = [photo(1, "a"), photo(3, "a"), photo(8, "b"), photo(90, "c", "glint24")]
    statistics = shown(photos)
    assert (statistics.people, statistics.freedom) == (2, 1)
    assert statistics.mean.tolist() == [5.0, 1.0]
    white, lit = 2.0, np.mean([(LAMP - 1) ** 2, (LAMP + 1) ** 2, LAMP**2])
    assert statistics.scatter[0, 0] == pytest.approx(np.mean([white, lit, lit, lit]))


def test_people_with_one_photo_each_teach_nothing(shown):
    with pytest.raises(DatasetError, match="at least two photos"):
        shown([photo(1, "a"), photo(2, "b")])


def test_what_is_written_is_read_back(shown, monkeypatch, tmp_path):
    from inference.recognition import adaptation

    statistics = shown([photo(1, "a"), photo(3, "a"), photo(8, "b")])
    path = tmp_path / "deep" / "numbered.safetensors"
    save_statistics(statistics, path)
    monkeypatch.setattr(adaptation, "locate", lambda _record: path)
    monkeypatch.setattr(adaptation, "record", lambda _name: None)
    adaptation.load_statistics.cache_clear()
    again = adaptation.load_statistics("numbered")
    adaptation.load_statistics.cache_clear()
    assert (again.people, again.freedom) == (2, 1)
    assert np.allclose(again.mean, statistics.mean, atol=1e-2)
    assert np.allclose(again.scatter, statistics.scatter)
