"""Forms of the photos app."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy

from webapp.core.web.long_select import LongSelect
from webapp.core.words.names import folded, tidied
from webapp.core.zones import zone_choices
from webapp.photos.models import Concert


def concert_zones() -> list[tuple[str, str]]:
    """Return the zones of concerts; without one it is where the user lives."""
    return [("", gettext("Where I live")), *zone_choices()]


class ConcertForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, artists, date and venue of a concert; ``instance`` says whose it is."""

    time_zone = forms.ChoiceField(
        choices=concert_zones,
        widget=LongSelect,
        required=False,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Where the concert was; also for photos whose camera recorded no time zone."
        ),
    )

    class Meta:
        model = Concert
        fields = ("name", "artists", "date", "venue", "time_zone")
        labels: ClassVar = {
            "name": gettext_lazy("Name"),
            "artists": gettext_lazy("Artists or groups"),
            "date": gettext_lazy("Date"),
            "venue": gettext_lazy("Venue"),
        }
        widgets: ClassVar = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean_name(self) -> str:
        """Write the name one way."""
        name = tidied(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(gettext("Please type a name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a second concert of one name and day, however it is spelt."""
        data = super().clean() or self.cleaned_data
        twins = Concert.objects.filter(
            owner_id=self.instance.owner_id,
            folded_name=folded(data.get("name", "")),
            date=data.get("date"),
        )
        twin = twins.exclude(pk=self.instance.pk).first()
        if twin is not None:
            self.add_error(
                "name",
                (
                    gettext("There is already a concert called %(name)s on that day.")
                    if twin.date
                    else gettext("There is already a concert called %(name)s without a date.")
                )
                % {"name": twin.name},
            )
        return data
