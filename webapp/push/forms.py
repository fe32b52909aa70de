"""What a browser sends when it is switched on."""

from collections.abc import Callable

from django import forms
from django.utils.translation import gettext

from webapp.push.encryption import checked_auth, checked_key
from webapp.push.models import LONGEST_ENDPOINT


class DeviceForm(forms.Form):
    """The subscription of a browser, and whether names are written into messages."""

    endpoint = forms.CharField(max_length=LONGEST_ENDPOINT)
    public_key = forms.CharField(max_length=90)
    auth = forms.CharField(max_length=30)
    names = forms.BooleanField(required=False)

    def clean_public_key(self) -> str:
        """Refuse what is no point of the curve."""
        return _checked(checked_key, self.cleaned_data["public_key"])

    def clean_auth(self) -> str:
        """Refuse what is no secret."""
        return _checked(checked_auth, self.cleaned_data["auth"])


class NamesForm(forms.Form):
    """Whether names are written into messages."""

    names = forms.BooleanField(required=False)


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        words = gettext("The browser gave no key that messages can be encrypted for.")
        raise forms.ValidationError(words) from error
