"""An OpenID Connect provider on this machine: it really signs, and lies as far as a test wants."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "encore", "a secret of both"
KEY_ID = "key-1"


class FakeProvider:
    """One provider with one person.

    Attributes:
        person: What it says of who signs in.
        token: Changes to the next ID token, by claim; ``None`` leaves a claim out.
        key: What tokens are signed with; another than the published one makes them forgeries.
        told: What the last token request said.
        discovery: Changes to what it says about itself.
    """

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.published = self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.algorithm = "RS256"
        self.person: dict[str, Any] = {
            "sub": "248289",
            "email": "fan@club.example",
            "email_verified": True,
            "preferred_username": "jisoo_fan",
        }
        self.token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        self.told: dict[str, str] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def agree(self, address: str) -> dict[str, str]:
        """Let the person agree on the provider's page; returns what the browser comes back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        """Answer one request; ``None`` refuses it."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self._about()
        if path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.published.public_key()))
            return {"keys": [{**public, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return self.person | self.userinfo
        return self._token(form) if path == "/token" else None

    def _about(self) -> dict[str, Any]:
        doors = {"authorization_endpoint": "/authorize", "token_endpoint": "/token"}
        doors |= {"jwks_uri": "/keys", "userinfo_endpoint": "/userinfo"}
        about = {name: f"{self.issuer}{path}" for name, path in doors.items()}
        return {"issuer": self.issuer, **about, **self.discovery}

    def _token(self, form: dict[str, str]) -> dict[str, Any] | None:
        self.told = form
        asked = self._codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        is_right = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if asked is None or not is_right or asked["code_challenge"] != challenge:
            return None
        claims = {
            "iss": self.issuer,
            "sub": self.person["sub"],
            "aud": CLIENT_ID,
            "nonce": asked["nonce"],
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
        } | self.token
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(claims, self.key, self.algorithm, headers={"kid": KEY_ID})
        return {"access_token": "access", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running_provider() -> Iterator[FakeProvider]:
    """Run a provider on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.provider = FakeProvider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.provider  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def _answer(self, form: dict[str, str]) -> None:
        said = self.server.provider.answer(urlsplit(self.path).path, form)  # type: ignore[attr-defined]
        content = json.dumps(said or {"error": "invalid_grant"}).encode()
        self.send_response(400 if said is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
