"""What may be read of devices, and by whom."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from webapp.access.models import Member
from webapp.access.rights import Asker
from webapp.push.models import Device, Notice


def devices_of(user: Asker) -> QuerySet[Device]:
    """Return the devices that this user has switched on."""
    return Device.objects.filter(user_id=user.pk or 0)


def active_devices() -> QuerySet[Device]:
    """Return those of users who may sign in."""
    return Device.objects.filter(user__is_active=True).select_related("user")


def devices_hearing(owner_id: int, concert_id: UUID | None) -> QuerySet[Device]:
    """Return the devices of an owner, and of the members of a concert."""
    hearing = Q(user_id=owner_id)
    if concert_id is not None:
        members = Member.objects.filter(concert_id=concert_id)
        hearing |= Q(user_id__in=members.values("user_id"))
    return active_devices().filter(hearing)


def due_notices(device: Device, now: datetime) -> QuerySet[Notice]:
    """Return what a device is to be told now, oldest first."""
    return device.notices.filter(due_at__lte=now).order_by("pk")
