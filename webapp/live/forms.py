"""Forms of the live app."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_lazy

from webapp.access.rights import Asker
from webapp.core.words.said import said
from webapp.live import devices
from webapp.live.addresses import (
    AddressRefusedError,
    address_of,
    checked_addresses,
    without_credentials,
)
from webapp.live.models import LONGEST_ADDRESS, TITLE_LENGTH
from webapp.live.sources import Credentials
from webapp.photos.models import Concert
from webapp.photos.queries import concerts_visible_to


class StartForm(forms.Form):
    """What a new live session is called, and at which concert it films."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LENGTH,
        help_text=gettext_lazy("Such as: Camera left of the stage"),
    )
    concert: "forms.ModelChoiceField[Concert]" = forms.ModelChoiceField(
        Concert.objects.none(),
        required=False,
        label=gettext_lazy("Concert"),
        empty_label=gettext_lazy("No concert"),
    )

    def __init__(self, *args: Any, user: Asker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["concert"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = concerts_visible_to(user)


class SourceForm(forms.Form):
    """A camera that the server is to read.

    Name and password may be pasted in the address; they are taken out of it at once, so that no
    page shows them again.
    """

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=TITLE_LENGTH,
        help_text=gettext_lazy("Such as: Camera above the stage"),
    )
    concert: "forms.ModelChoiceField[Concert]" = forms.ModelChoiceField(
        Concert.objects.none(),
        required=False,
        label=gettext_lazy("Concert"),
        empty_label=gettext_lazy("No concert"),
    )
    device = forms.ChoiceField(label=gettext_lazy("Camera"), required=False)
    address = forms.CharField(
        label=gettext_lazy("Address in the network"),
        required=False,
        max_length=LONGEST_ADDRESS,
        help_text=gettext_lazy("Such as rtsp://camera.example.org/stage"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    username = forms.CharField(
        label=gettext_lazy("Name at the camera"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password at the camera"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, user: Asker) -> None:
        super().__init__(_parted(data) if data is not None else None)
        concert, device = self.fields["concert"], self.fields["device"]
        if isinstance(concert, forms.ModelChoiceField):
            concert.queryset = concerts_visible_to(user)
        if isinstance(device, forms.ChoiceField):
            plugged_in = [(one.path, f"{one.name} ({one.path})") for one in devices.usb_cameras()]
            device.choices = [("", gettext("In the network, at the address below")), *plugged_in]

    def clean_address(self) -> str:
        """Refuse what may not be filmed; it is looked at again at each connection."""
        text: str = self.cleaned_data["address"]
        if not text:
            return ""
        try:
            address = address_of(text)
            checked_addresses(address)
        except AddressRefusedError as error:
            raise forms.ValidationError(said(str(error))) from error
        return str(address)

    def clean(self) -> dict[str, Any]:
        """Want one camera: by its address, or one that is plugged in."""
        values = super().clean() or {}
        if not self.errors and bool(values["address"]) == bool(values["device"]):
            self.add_error("address", gettext("Choose a camera, or enter an address; not both."))
        return values

    @property
    def meant(self) -> str:
        """What is read: an address, or the path of a device."""
        return str(self.cleaned_data["address"] or self.cleaned_data["device"])

    @property
    def credentials(self) -> Credentials:
        """By which a camera in the network lets us in."""
        if not self.cleaned_data["address"]:
            return Credentials()
        return Credentials(self.cleaned_data["username"], self.cleaned_data["password"])


def _parted(data: MultiValueDict[str, str]) -> MultiValueDict[str, str]:
    address, name, password = without_credentials(data.get("address", ""))
    parted = data.copy()
    parted["address"] = address
    if name or password:
        parted["username"], parted["password"] = name, password
    return parted
