"""How the other side knows that a message is ours and fresh.

The header ``Encore-Signature: t=<seconds since 1970>,v1=<hex>`` holds the HMAC-SHA256 of the time,
a dot and the body as it was sent.
"""

import base64
import hashlib
import hmac

from django.conf import settings

from webapp.webhooks.models import Webhook

SECRET_MARK = "whsec_"  # noqa: S105 - what secrets begin with


def secret_of(webhook: Webhook) -> str:
    """Return the secret of a webhook, which is made and not kept.

    A copy of the database is of no use without the key of the installation.
    """
    told = f"webapp.webhooks {webhook.pk} {webhook.salt}"
    digest = hmac.digest(settings.SECRET_KEY.encode(), told.encode(), hashlib.sha256)
    return SECRET_MARK + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the value of the header.

    Args:
        secret: Of the webhook.
        at: Seconds since 1970.
        body: As it is sent.
    """
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"
