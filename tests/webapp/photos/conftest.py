"""Pictures and an upload client for the tests of photos."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

ENDPOINT = "/upload/tus/"


def picture(
    kind: str = "JPEG", seed: int = 0, size: tuple[int, int] = (96, 64), **options: Any
) -> bytes:
    """A small picture; another seed is another content."""
    coarse = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize(size).save(buffer, kind, **options)
    return buffer.getvalue()


def about(**pairs: str) -> str:
    """The metadata header."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode('utf-8', 'surrogatepass')).decode()}"
        for key, value in pairs.items()
    )


class Tus:
    """A client that speaks the protocol through Django's test client."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser

    def announce(self, length: int, body: bytes = b"", **headers: str) -> HttpResponse:
        """POST, with bytes when there are some."""
        kind = "application/offset+octet-stream" if body else "text/plain"
        sent = {"Upload-Length": str(length), "Tus-Resumable": "1.0.0", **headers}
        return self.browser.post(ENDPOINT, body, content_type=kind, headers=sent)

    def whole(self, content: bytes, filename: str = "a.jpg", **more: str) -> HttpResponse:
        """Send a file in one request."""
        return self.announce(
            len(content), content, **{"Upload-Metadata": about(filename=filename, **more)}
        )

    def patch(self, url: str, body: bytes, offset: int, **headers: str) -> HttpResponse:
        """Send the bytes from ``offset`` on."""
        sent = {"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0", **headers}
        sent.setdefault("Content-Type", "application/offset+octet-stream")
        return self.browser.patch(url, body, content_type=sent["Content-Type"], headers=sent)

    def head(self, url: str) -> HttpResponse:
        """Ask how much is there."""
        return self.browser.head(url, headers={"Tus-Resumable": "1.0.0"})

    def delete(self, url: str) -> HttpResponse:
        """Cancel."""
        return self.browser.delete(url, headers={"Tus-Resumable": "1.0.0"})


@pytest.fixture
def tus(as_owner: Client) -> Tus:
    """The owner's upload client."""
    return Tus(as_owner)


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    """``picture``."""
    return picture
