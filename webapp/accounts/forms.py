"""Forms of the accounts app."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.utils.translation import gettext, gettext_lazy

from webapp.accounts.keys import SCOPES
from webapp.accounts.models import User
from webapp.core.web.long_select import LongSelect
from webapp.core.words.names import folded, tidied
from webapp.core.zones import zone_choices


class NewUserForm(UserCreationForm):  # type: ignore[type-arg]
    """Name and password, twice, for the owner or a new member."""

    class Meta:
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["username"].help_text = gettext("Letters, digits and @ . + - _ only.")

    def clean_username(self) -> str:
        """Refuse a name that looks like somebody else's."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(folded_username=folded(username)).exists():
            raise forms.ValidationError(gettext("A user of that name already exists."))
        return username


class ZoneForm(forms.Form):
    """Where a user lives."""

    time_zone = forms.ChoiceField(
        choices=zone_choices,
        widget=LongSelect,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Times are shown in it, also those of cameras that recorded no time zone. "
            "A concert can have its own."
        ),
    )


class ConsentForm(forms.Form):
    """The switch under the consent text, and what happens to what is known when it is off."""

    KEEP, ERASE = "keep", "erase"
    agree = forms.BooleanField(
        required=False,
        label=gettext_lazy("Recognise faces in my photos and remember them by embeddings"),
    )
    existing = forms.ChoiceField(
        required=False,
        choices=[
            (KEEP, gettext_lazy("Keep names and embeddings")),
            (ERASE, gettext_lazy("Delete names and embeddings")),
        ],
    )


DURATIONS = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until I revoke it")),
)


class KeyForm(forms.Form):
    """What a new key is called, may do, and how long it works."""

    name = forms.CharField(
        max_length=80,
        label=gettext_lazy("What is it for?"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("So that you know it again, such as: backup script."),
    )
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What may it do?"),
    )
    days = forms.TypedChoiceField(
        choices=[
            ("30", gettext_lazy("30 days")),
            ("90", gettext_lazy("90 days")),
            ("365", gettext_lazy("A year")),
            ("", gettext_lazy("Until I revoke it")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        initial="90",
        label=gettext_lazy("How long does it work?"),
    )

    def clean_name(self) -> str:
        """Write the name one way."""
        name = tidied(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(gettext("Please type a name."))
        return name
