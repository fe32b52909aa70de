"""A browser without a window: signs in to a running installation and uploads."""

import httpx

from tests.faults.storm import Storm
from tests.live import LiveEncore


def sign_in(encore: LiveEncore) -> httpx.Client:
    """Return a client in which the owner is signed in; the caller closes it."""
    return Storm(encore, seed=0).sign_in()


def upload(
    client: httpx.Client, content: bytes, address: str = "/upload/tus/", about: str = ""
) -> httpx.Response:
    """Send one file in one request, once; ``about`` is its ``Upload-Metadata``."""
    page = client.get("/account/").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": about,
        "X-CSRFToken": token,
    }
    return client.post(address, content=content, headers=headers)
