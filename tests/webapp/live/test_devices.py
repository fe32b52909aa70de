"""Cameras of this machine, as a made-up Linux tells of them."""

from pathlib import Path

import pytest

from webapp.live import devices
from webapp.live.devices import Device, is_there, usb_cameras


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two cameras, of which one has a second node for its own data."""
    nodes, told = tmp_path / "dev", tmp_path / "sys"
    (nodes / "v4l" / "by-id").mkdir(parents=True)
    for node, index, name in (
        *(("video10", "0", "Old webcam"), ("video2", "0", "Stage: Logi\n")),
        *(("video3", "1", "Stage: Logi"), ("video4", "0", "Not a device")),
    ):
        (told / node).mkdir(parents=True)
        (told / node / "index").write_text(index)
        (told / node / "name").write_text(name)
        # A device cannot be made without rights; one that everybody has stands in.
        (nodes / node).symlink_to("/dev/null") if node != "video4" else (nodes / node).touch()
    monkeypatch.setattr(devices, "DEVICES", nodes)
    monkeypatch.setattr(devices, "DESCRIPTIONS", told)
    return nodes


def test_each_camera_is_told_once_by_number_with_its_own_name(machine: Path) -> None:
    assert usb_cameras() == [
        Device(str(machine / "video2"), "Stage: Logi"),
        Device(str(machine / "video10"), "Old webcam"),
    ]


def test_a_name_that_lasts_is_preferred(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = machine / "v4l" / "by-id" / "usb-logi-index0"
    link.symlink_to("../../video2")
    monkeypatch.setattr("os.path.realpath", lambda path: str(machine / Path(path).readlink().name))
    assert usb_cameras()[0].path == str(link)


def test_only_a_camera_that_is_plugged_in_is_there(machine: Path) -> None:
    assert is_there(str(machine / "video2"))
    (machine / "video2").unlink()
    assert not is_there(str(machine / "video2"))
    assert not is_there("/etc/passwd")


def test_a_machine_without_cameras_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "DESCRIPTIONS", tmp_path / "nothing")
    assert usb_cameras() == []
