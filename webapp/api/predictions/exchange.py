"""The folder of one prediction: its pictures, what is wished, and the answer; gone after it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from webapp.core.files import media, orphans
from webapp.core.files.media import Kind

PREDICT = "predict"
"""The stage that answers."""

YOUNG_SECONDS = 900
"""Longer than any prediction may take; a folder as old was left by a process that was killed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of all pictures of a request.

    Attributes:
        names: What the pictures are called by who sent them.
        mask: Whether masks are wanted.
        portrait: How much backgrounds are blurred, 0 to 1; ``None`` for no portraits.
    """

    names: list[str]
    mask: bool = False
    portrait: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """The files of one prediction.

    It lies in the media folder, which workers of other machines share.
    """

    id: UUID

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return media.root() / "predictions" / str(self.id)

    @property
    def answer(self) -> Path:
        """The answer; it is there once it is whole."""
        return self.folder / "answer.json"

    def picture(self, number: int) -> Path:
        """Return a picture as it was sent."""
        return self.folder / str(number)

    def pixels(self, number: int) -> Path:
        """Return a picture as it was decoded."""
        return self.folder / f"{number}.png"

    def ask(self, wish: Wish) -> None:
        """Write down what is wished; the pictures lie there already."""
        (self.folder / "wish.json").write_text(json.dumps(asdict(wish)))

    def wish(self) -> Wish:
        """Return what is wished.

        Raises:
            FileNotFoundError: Who asked has gone.
        """
        return Wish(**json.loads((self.folder / "wish.json").read_text()))

    def tell(self, answer: dict[str, Any]) -> None:
        """Write the answer, whole or not at all."""
        part = self.folder / "answer.part"
        part.write_text(json.dumps(answer, allow_nan=False, separators=(",", ":")))
        part.replace(self.answer)

    def erase(self) -> None:
        """Remove everything."""
        orphans.erase(self.folder)


def _at_once(_path: Path) -> bool:
    return True


KIND = Kind(
    "predictions",
    "predictions/????????-????-????-????-????????????",
    is_unfinished=True,
    young_seconds=YOUNG_SECONDS,
    is_forgotten=_at_once,
)
