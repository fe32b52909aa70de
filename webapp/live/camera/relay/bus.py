"""What the relay needs of whoever carries its publications."""

from typing import Protocol


class BusError(OSError):
    """Nothing can be carried now; another try may work."""


class Bus(Protocol):
    """One connection of this process. Every method may raise ``BusError``."""

    async def subscribe(self, name: str) -> None:
        """Hear what is published under a name from now on."""
        ...

    async def unsubscribe(self, name: str) -> None:
        """Hear it no more."""
        ...

    async def publish(self, name: str, data: bytes) -> None:
        """Tell whoever listens now; returns or fails within seconds, and keeps nothing."""
        ...

    async def receive(self) -> bytes | None:
        """Wait a while for the next publication; ``None`` when none came."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...
