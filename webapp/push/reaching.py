"""Where a device's push service may be: the rules of webhooks, and stricter for members."""

from webapp.accounts.models import User
from webapp.core.targets import is_public
from webapp.webhooks.addresses import (
    HTTPS_ONLY,
    PRIVATE,
    AddressRefusedError,
    addresses_of,
    target_of,
)
from webapp.webhooks.sending import Reached


def reached(endpoint: str, user: User) -> Reached:
    """Return where an endpoint leads, with its checked addresses.

    What ``ENCORE_WEBHOOK_PRIVATE_TARGETS`` allows holds for whoever runs the installation only: the
    addresses come from browsers of all members.

    Raises:
        AddressRefusedError: Nothing may be sent there, or nothing is there.
    """
    target = target_of(endpoint)
    if not target.is_secure and not user.is_staff:
        raise AddressRefusedError(HTTPS_ONLY)
    addresses = addresses_of(target)
    if not user.is_staff and not all(map(is_public, addresses)):
        raise AddressRefusedError(PRIVATE)
    return target, addresses
