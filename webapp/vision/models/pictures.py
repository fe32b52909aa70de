"""Pictures of ours, decoded once for the stages that read the same one after another.

What is read here, Encore has encoded itself (``full.jpg``), so it is decoded in this process. Files
from outside are decoded only in ``webapp.vision.sandbox``.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from inference.types import RGBImage

MOST_BYTES = 80 * 2**20
"""Two photos of 12 megapixels. A larger one is decoded each time it is asked for."""
MOST_PICTURES = 2
IDLE_SECONDS = 5.0

Content: TypeAlias = tuple[Path, int, int, int]
"""Path, inode, size and time of change: a file of ours is replaced, never written anew."""


@dataclass(slots=True)
class _Held:
    image: "RGBImage"
    used_at: float


class DecodedPictures:
    """The pictures that were decoded last. Safe to call from several threads.

    What is handed out is shared and must not be written to, which numpy refuses.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Content, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, path: Path) -> "RGBImage":
        """Return the upright pixels of a picture, ``(H, W, 3)`` uint8 RGB.

        Raises:
            inference.errors.ImageError: It cannot be decoded.
            FileNotFoundError: It is gone, also where its pixels are still at hand.
        """
        from inference.images.decoding import decode_photo

        about = path.stat()
        content = (path, about.st_ino, about.st_size, about.st_mtime_ns)
        with self._lock:
            held = self._held.get(content)
            if held is not None:
                held.used_at = time.monotonic()
                self._held.move_to_end(content)
                return held.image
        image = decode_photo(path).image
        image.setflags(write=False)
        with self._lock:
            self._held[content] = _Held(image, time.monotonic())
            while len(self._held) > MOST_PICTURES or self.held_bytes > MOST_BYTES:
                self._held.popitem(last=False)
        return image

    @property
    def held_bytes(self) -> int:
        """How much memory the pixels take."""
        return sum(held.image.nbytes for held in self._held.values())

    def drop_idle(self) -> None:
        """Let go of what nobody has asked for in the last seconds."""
        oldest = time.monotonic() - IDLE_SECONDS
        with self._lock:
            for content in [one for one, held in self._held.items() if held.used_at < oldest]:
                del self._held[content]


decoded = DecodedPictures()
"""Those of this process."""
