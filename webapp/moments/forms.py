"""Forms of the moments app."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from webapp.moments.models import Moment, Taste
from webapp.moments.pages.grid import Asker, MomentFilter
from webapp.moments.reel.services import COUNT_CHOICES
from webapp.people.models import Person
from webapp.people.queries import people_visible_to
from webapp.photos.models import MAX_NAME_LENGTH, Concert
from webapp.photos.queries import concerts_visible_to

SHOW = (("", "The best, liked ones first"), ("liked", "Only liked ones"))


class ReelForm(forms.Form):
    """Of which moments a film is made."""

    concert = forms.ModelChoiceField(
        queryset=Concert.objects.none(), required=False, empty_label="Any concert"
    )
    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), required=False, label="Star", empty_label="Everybody"
    )
    show = forms.ChoiceField(choices=SHOW, required=False, label="Which")
    count = forms.TypedChoiceField(
        choices=[(count, f"{count} moments") for count in COUNT_CHOICES],
        coerce=int,
        initial=COUNT_CHOICES[0],
        label="At most",
    )
    has_names = forms.BooleanField(required=False, initial=True, label="Write the names into it")

    def __init__(self, *args: Any, user: Asker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["concert"].queryset = concerts_visible_to(user)  # type: ignore[attr-defined]
        self.fields["person"].queryset = people_visible_to(user)  # type: ignore[attr-defined]

    def moments(self) -> QuerySet[Moment]:
        """Return the moments among which the best are looked for."""
        chosen = self.cleaned_data
        wanted = MomentFilter(
            concert=chosen["concert"].pk if chosen["concert"] else None,
            person=chosen["person"].pk if chosen["person"] else None,
            show=chosen["show"],
        )
        return wanted.moments_for(self._user)

    def title(self) -> str:
        """Return what the film is called; a film without names has none in its title either."""
        chosen = self.cleaned_data
        said = ("person", "concert") if chosen["has_names"] else ("concert",)
        parts = [str(chosen[name]) for name in said if chosen[name]]
        return (", ".join(parts) or "Highlights")[:MAX_NAME_LENGTH]


class TasteForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a user wants captured."""

    per_minute = forms.IntegerField(
        min_value=1, max_value=20, label="Moments of one star in a minute, at most"
    )

    class Meta:
        model = Taste
        fields = ("is_wanted", "anyone", "per_minute", "favourites")
        labels: ClassVar = {
            "is_wanted": "Capture moments while I film",
            "anyone": "Also of faces without a name",
            "favourites": "My favourites",
        }
        widgets: ClassVar = {"favourites": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: Asker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["favourites"].queryset = people_visible_to(user)  # type: ignore[attr-defined]
