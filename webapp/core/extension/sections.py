"""Boxes of the health page, which apps above core add to."""

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "warn", "error"]


@dataclass
class Section:
    """One box of the page.

    Attributes:
        rows: Label and value, in the order of display.
    """

    title: str
    status: Status = "ok"
    rows: list[tuple[str, str]] = field(default_factory=list)
