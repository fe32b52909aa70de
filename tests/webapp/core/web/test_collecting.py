"""The static files are collected when they changed, and only then."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from webapp.core.web.collecting import STAMP, collect_changed


@pytest.fixture
def sources(settings: LazySettings, tmp_path: Path) -> Path:
    """A folder of static files, and an empty one to collect them into."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "site.css").write_text("a {}")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "webapp.core.web.static.HashedFilesStorage"}
    }
    return folder


def test_the_second_start_collects_nothing(sources: Path) -> None:
    assert collect_changed()
    assert not collect_changed()


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_a_changed_file_is_collected_again(
    sources: Path, settings: LazySettings, change: str
) -> None:
    (sources / "old.css").write_text("old {}")
    collect_changed()
    if change == "edited":
        (sources / "site.css").write_text("b { color: red }")
    elif change == "added":
        (sources / "new.css").write_text("new {}")
    else:
        (sources / "old.css").unlink()

    assert collect_changed()
    if change == "edited":
        assert "red" in (Path(settings.STATIC_ROOT) / "site.css").read_text()


def test_a_collection_that_was_cut_off_is_done_again(
    sources: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect_changed()
    (sources / "site.css").write_text("b {}")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr("webapp.core.web.collecting.call_command", die)
        with pytest.raises(KeyboardInterrupt):
            collect_changed()

    assert not (Path(settings.STATIC_ROOT) / STAMP).exists()
    assert collect_changed()
