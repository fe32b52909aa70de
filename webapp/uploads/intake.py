"""What the upload server asks of a kind of file: its limits, its content, and what it becomes.

The server itself (``receiving``) knows bytes, offsets and locks; a photo or a video is an intake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from webapp.accounts.models import User
from webapp.uploads.models import Upload


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose file this is and what is said about it.

    Attributes:
        upload: Its row, where it was announced before its bytes; ``None`` for a file that comes
            whole in one request.
        about: What else was said about it, such as its concert; tells where it goes.
    """

    owner: User
    filename: str
    upload: Upload | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def seconds(self, name: str, longest: float) -> float | None:
        """Return a time that is said about it, 0 to ``longest``; ``None`` where that is none."""
        try:
            said = float(self.about.get(name, ""))
        except ValueError:
            return None
        return said if 0 <= said <= longest else None  # Neither is true of what is no number.


@dataclass(frozen=True, slots=True)
class Content:
    """By what a file is known.

    Attributes:
        sha256: Of the file.
        picture_sha256: Of what it shows, metadata left out; empty where that cannot be told.
        size: In bytes.
    """

    sha256: str
    picture_sha256: str
    size: int


class Intake(Protocol):
    """One kind of file that can be uploaded."""

    @property
    def kind(self) -> str:
        """What uploads of it are called; answers name the result by it."""
        ...

    @property
    def address(self) -> str:
        """Name of the route to one upload."""
        ...

    @property
    def max_bytes(self) -> int:
        """Largest file."""
        ...

    @property
    def max_unfinished(self) -> int:
        """Uploads of one user that may be under way."""
        ...

    def check_stored(self, owner: User, length: int) -> None:
        """Refuse what the user has no room for; raises ``UploadRefusedError``."""
        ...

    def check_announced(self, ticket: Ticket) -> None:
        """Refuse at once what may not go where it is meant to; raises ``UploadRefusedError``."""
        ...

    def came_before(self, ticket: Ticket) -> UUID | None:
        """Return what has come already where this file goes; a second one is not stored.

        Raises:
            UploadRefusedError: It may not go there, or not any more.
        """
        ...

    def place_of(self, file_id: UUID) -> Path:
        """Return where a finished file lies."""
        ...

    def check_content(self, part: Path) -> None:
        """Look at the first bytes; raises ``UploadRefusedError`` with the reason against them."""
        ...

    def picture_of(self, part: Path) -> str:
        """Return the hash of what the file shows, whatever it says about it; may be empty."""
        ...

    def twin_of(self, owner: User, content: Content) -> UUID | None:
        """Return what the user already has of this content."""
        ...

    def take_twin(self, ticket: Ticket, twin: UUID) -> bool:
        """Let a twin go where the ticket says, inside the caller's transaction.

        Returns:
            Whether it has joined the ticket's concert by that.
        """
        ...

    def bring_back(self, owner: User, twin: UUID) -> bool:
        """Take a twin out of the bin, inside the caller's transaction; whether it was in it."""
        ...

    def adopt(self, part: Path, file_id: UUID) -> None:
        """Move synced bytes to their place; durable when this returns."""
        ...

    def give_back(self, file_id: UUID, part: Path) -> None:
        """Undo ``adopt``."""
        ...

    def insert(self, ticket: Ticket, file_id: UUID, content: Content) -> None:
        """Make the row and its first job, inside the caller's transaction."""
        ...
