"""A browser without a window: signs in to a running installation and uploads."""

import httpx

from tests.faults.storm import Storm
from tests.live import LiveEncore


def sign_in(encore: LiveEncore) -> httpx.Client:
    """Return a client in which the owner is signed in; the caller closes it."""
    return Storm(encore, seed=0).sign_in()


def upload(client: httpx.Client, content: bytes) -> httpx.Response:
    """Send one file in one request, once."""
    page = client.get("/account/").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "X-CSRFToken": token,
    }
    return client.post("/upload/tus/", content=content, headers=headers)
