"""Certificates for tests: an authority, an engine and a web process of it, and a stranger."""

import ssl
from pathlib import Path

FILES = Path(__file__).resolve().parent / "fixtures" / "tls"
CA = FILES / "ca.pem"
TOKEN = "open sesame"


def certificate(name: str) -> tuple[Path, Path]:
    """Return the certificate and the key of ``engine``, ``web`` or ``stranger``."""
    return FILES / f"{name}.pem", FILES / f"{name}.key"


def client_context(name: str | None = None) -> ssl.SSLContext:
    """Return how a client connects that believes the authority; it shows a certificate if named."""
    context = ssl.create_default_context(cafile=CA)
    if name is not None:
        context.load_cert_chain(*certificate(name))
    return context
