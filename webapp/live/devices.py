"""Cameras that are plugged into this machine, as Linux tells of them."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

DEVICES = Path("/dev")
DESCRIPTIONS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Device:
    """One camera.

    Attributes:
        path: Under which it is opened; the same after every restart where Linux gives it such a
            name.
        name: As the camera calls itself.
    """

    path: str
    name: str


def usb_cameras() -> list[Device]:
    """Return the cameras that are there now, by their number; elsewhere than on Linux none."""
    lasting = _lasting_names()
    found = []
    for described in sorted(DESCRIPTIONS.glob("video*"), key=lambda one: (len(one.name), one.name)):
        node = DEVICES / described.name
        # One camera has several nodes; the pictures come from its first.
        if _read(described / "index") == "0" and _is_device(node):
            name = _read(described / "name") or described.name
            found.append(Device(lasting.get(described.name, str(node)), name))
    return found


def is_there(path: str) -> bool:
    """Whether a path is one of the cameras that are there now."""
    return any(camera.path == path for camera in usb_cameras())


def _lasting_names() -> dict[str, str]:
    links = sorted((DEVICES / "v4l" / "by-id").glob("*"))
    return {Path(os.path.realpath(link)).name: str(link) for link in reversed(links)}


def _is_device(node: Path) -> bool:
    try:
        return stat.S_ISCHR(node.stat().st_mode)
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()[:100]
    except OSError:
        return ""
