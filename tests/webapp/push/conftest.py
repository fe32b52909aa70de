"""A push service on this machine, and a browser that can read what comes by it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories import run_pending_jobs
from tests.webapp.webhooks.conftest import Listener, running, serve
from webapp.accounts.models import User
from webapp.push import services
from webapp.push.keys import from_base64url, in_base64url
from webapp.push.models import Device

CONTACT = "https://encore.example"


@dataclass
class Browser:
    """Has keys of its own, by which alone a message to it can be read."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = bytes(range(16))

    @property
    def public_key(self) -> str:
        point = self.key.public_key()
        return in_base64url(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def subscription(self) -> services.Subscription:
        return services.Subscription(self.endpoint, self.public_key, in_base64url(self.auth))

    def fields(self, **more: str) -> dict[str, str]:
        """What the page sends to switch this browser on."""
        one = self.subscription
        return {"endpoint": one.endpoint, "public_key": one.public_key, "auth": one.auth, **more}

    def reads(self, body: bytes) -> dict[str, str]:
        """Read a message."""
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        read: dict[str, str] = json.loads(plain)
        return read


def signed_by(header: str) -> dict[str, Any]:
    """Check the signature of a message as a push service does; returns what is claimed."""
    scheme, _, parts = header.partition(" ")
    assert scheme == "vapid"
    token, key = (part.split("=", 1)[1] for part in parts.split(", "))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
    audience = jwt.decode(token, options={"verify_signature": False})["aud"]
    claims: dict[str, Any] = jwt.decode(token, public, algorithms=["ES256"], audience=audience)
    return claims


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    """The push service."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    made = Listener()
    with running(serve(made)):
        yield made


@pytest.fixture
def browser(listener: Listener) -> Browser:
    return Browser(listener.address)


def wishes(**changed: Any) -> services.Wishes:
    values: dict[str, Any] = {"contact": CONTACT, "label": "Chrome, Android", "language": "en"}
    return services.Wishes(**{**values, "has_names": False, **changed})


@pytest.fixture
def device(owner: User, browser: Browser) -> Device:
    """The owner's phone, which was switched on and has yet to be greeted."""
    return services.turn_on(owner, browser.subscription, wishes())


@pytest.fixture
def greeted(device: Device, listener: Listener) -> Device:
    """The same after its greeting."""
    run_pending_jobs()
    listener.heard.clear()
    device.refresh_from_db()
    return device
