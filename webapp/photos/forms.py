"""Forms of the photos app."""

from typing import ClassVar

from django import forms

from webapp.photos.models import Concert


class ConcertForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, artists, date and venue of a concert."""

    class Meta:
        model = Concert
        fields = ("name", "artists", "date", "venue")
        labels: ClassVar = {"artists": "Artists or groups"}
        widgets: ClassVar = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
