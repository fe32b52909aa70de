"""What a backup leaves behind, and what a restoration keeps others from."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from webapp.core.files import media
from webapp.core.processes import instance
from webapp.core.safekeeping import backups


def test_the_files_of_a_living_backup_stay_and_those_of_a_killed_one_go() -> None:
    killed = media.root() / backups.STAGING.format("killed")
    killed.mkdir()
    (killed / backups.LOCK).touch()
    (killed / "photo.jpg").write_bytes(b"x")

    with backups._staging() as living:
        assert backups.clear_abandoned() == 1
        assert (living / backups.LOCK).exists()

    assert not killed.exists()
    assert not living.exists()


def test_nothing_starts_on_a_place_that_is_being_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(_folder: Path) -> int:
        with pytest.raises(instance.AlreadyRunningError, match="is being restored"):
            instance.InstanceLock(settings.DATA_DIR)
        return 0

    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(backups, "restore", restore)

    call_command("restore", str(tmp_path))
