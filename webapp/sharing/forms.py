"""What is asked before a link is made, and before one with a password opens."""

from django import forms
from django.utils.translation import gettext_lazy

DAYS = (
    (7, gettext_lazy("7 days")),
    (1, gettext_lazy("1 day")),
    (30, gettext_lazy("30 days")),
    (0, gettext_lazy("Until I close it")),
)
LEAST_PASSWORD = 8


class ShareForm(forms.Form):
    """How long a link works, with which password, and whether names are seen."""

    days = forms.TypedChoiceField(choices=DAYS, coerce=int, label=gettext_lazy("It works for"))
    password = forms.CharField(
        required=False,
        label=gettext_lazy("Password"),
        min_length=LEAST_PASSWORD,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Whoever opens the link has to type it. Tell it another way than the link."
        ),
    )
    shows_names = forms.BooleanField(
        required=False, label=gettext_lazy("Viewers see the names of the stars")
    )


class PasswordForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
