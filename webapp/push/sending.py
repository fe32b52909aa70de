"""One message to one device, by its push service."""

import json
from functools import partial
from typing import TypedDict
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

from webapp.push.encryption import encrypted
from webapp.push.keys import authorization
from webapp.push.models import Device
from webapp.push.reaching import reached
from webapp.webhooks.sending import Answer, post

KEPT_SECONDS = 12 * 3600
"""So long a push service keeps a message for a device that is off; the next day it is stale."""
GONE = frozenset({404, 410})
"""What a push service answers of a device that wants no more (RFC 8030)."""
NOT_TAKEN = gettext_noop("The push service did not take it.")


class Message(TypedDict):
    """What a device is told; ``static/js/service_worker.js`` shows it."""

    title: str
    body: str
    page: str
    tag: str


def send(device: Device, message: Message) -> Answer:
    """Tell a device something once."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    parts = urlsplit(device.endpoint)
    headers = {
        "Authorization": authorization(f"{parts.scheme}://{parts.netloc}", device.contact),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "normal",
    }
    sealed = encrypted(body, device.public_key, device.auth)
    answer = post(partial(reached, device.endpoint, device.user), sealed, headers)
    is_refused = answer.trouble and answer.status is not None
    return Answer(answer.status, NOT_TAKEN) if is_refused else answer
