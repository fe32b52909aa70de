"""Forms of the live app."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from webapp.access.rights import Asker
from webapp.live.models import TITLE_LENGTH
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
