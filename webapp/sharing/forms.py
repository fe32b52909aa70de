"""What is asked before something is shared, and before a link with a password opens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from webapp.access.models import Role
from webapp.accounts.models import User
from webapp.photos.models import Concert

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
    blurs_others = forms.BooleanField(
        required=False,
        label=gettext_lazy("Blur everybody who is not named"),
        help_text=gettext_lazy(
            "In pictures, for good: faces without a name are made unrecognisable before anything "
            "is sent. Whoever is named stays, also where names are hidden."
        ),
    )


class PasswordForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class MemberForm(forms.Form):
    """With which account a concert is shared, and what it may do there."""

    user = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=gettext_lazy("Account"),
        empty_label=gettext_lazy("Choose somebody"),
    )
    role = forms.ChoiceField(choices=Role.choices, label=gettext_lazy("Role"))

    def __init__(self, *args: Any, concert: Concert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(is_active=True).exclude(pk=concert.owner_id)
        accounts = others.exclude(memberships__concert=concert).order_by("username")
        self.fields["user"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["user"].label_from_instance = User.get_username  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """For how many people a link is, how long it works, and what they become."""

    role = forms.ChoiceField(choices=Role.choices, label=gettext_lazy("Role"))
    people = forms.IntegerField(
        min_value=1, max_value=100, initial=1, label=gettext_lazy("For how many people")
    )
    days = forms.TypedChoiceField(choices=DAYS[:-1], coerce=int, label=gettext_lazy("It works for"))
