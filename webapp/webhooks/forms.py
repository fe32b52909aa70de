"""The form by which a webhook is made."""

from django import forms
from django.utils.translation import gettext_lazy

from webapp.core.words.said import said
from webapp.webhooks.addresses import AddressRefusedError, addresses_of, target_of
from webapp.webhooks.models import LONGEST_ADDRESS, Delivery


class WebhookForm(forms.Form):
    """Which address is told, and of what."""

    address = forms.CharField(
        max_length=LONGEST_ADDRESS,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Where your program listens, such as https://example.org/encore."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        choices=Delivery.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What is it told?"),
    )

    def clean_address(self) -> str:
        """Refuse what may not be told anything; it is looked at again at each sending."""
        address: str = self.cleaned_data["address"]
        try:
            addresses_of(target_of(address))
        except AddressRefusedError as error:
            raise forms.ValidationError(said(str(error))) from error
        return address
