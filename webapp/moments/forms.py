"""Forms of the moments app."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from webapp.access.rights import Asker
from webapp.core.words.names import MAX_NAME_LENGTH
from webapp.moments.models import Moment, Taste, Video
from webapp.moments.pages.grid import MomentFilter
from webapp.moments.queries import stars_in
from webapp.moments.reel.services import COUNT_CHOICES
from webapp.people.models import Person
from webapp.people.queries import people_visible_to
from webapp.photos.models import Concert
from webapp.photos.queries import concerts_visible_to

SHOW = (
    ("", gettext_lazy("The best, liked ones first")),
    ("liked", gettext_lazy("Only liked ones")),
)


def _counts() -> list[tuple[int, str]]:
    return [(count, gettext("%(count)s moments") % {"count": count}) for count in COUNT_CHOICES]


class ReelForm(forms.Form):
    """Of which moments a film is made."""

    concert = forms.ModelChoiceField(
        queryset=Concert.objects.none(),
        required=False,
        label=gettext_lazy("Concert"),
        empty_label=gettext_lazy("Any concert"),
    )
    person = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        required=False,
        label=gettext_lazy("Star"),
        empty_label=gettext_lazy("Everybody"),
    )
    show = forms.ChoiceField(choices=SHOW, required=False, label=gettext_lazy("Which"))
    count = forms.TypedChoiceField(
        choices=_counts,
        coerce=int,
        initial=COUNT_CHOICES[0],
        label=gettext_lazy("At most"),
    )
    has_names = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Write the names into it")
    )

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


class ClockField(forms.CharField):
    """A time within a video, as ``1:05``, ``1:02:05`` or ``65``; its value is in seconds."""

    def clean(self, value: Any) -> float:
        """Return the seconds that were meant."""
        words: list[str] = super().clean(value).split(":")
        if len(words) > 3 or not all(_is_number(word) for word in words):
            raise forms.ValidationError(gettext("Write a time such as 1:05."))
        seconds = 0.0
        for word in words:
            seconds = 60 * seconds + float(word)
        return seconds


def _is_number(word: str) -> bool:
    return word.isascii() and len(word) <= 7 and word.replace(".", "", 1).isdigit()


class FancamForm(forms.Form):
    """Whom a fancam follows, and through which part of a video."""

    EACH = "each"

    star = forms.ChoiceField(label=gettext_lazy("Star"))
    start = ClockField(label=gettext_lazy("From"), initial="0:00")
    stop = ClockField(label=gettext_lazy("To"), help_text=gettext_lazy("Five minutes at most"))
    has_names = forms.BooleanField(required=False, label=gettext_lazy("Write the name into it"))

    def __init__(self, *args: Any, video: Video, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_video = list(stars_in(video))
        here = {person.pk for person in self._in_video}
        others = Person.objects.filter(owner_id=video.owner_id).exclude(pk__in=here)
        self._people = {str(one.pk): one for one in [*self._in_video, *others.order_by("name")]}
        each = gettext("One for each of the %(in_video)s stars found in it") % {
            "in_video": len(self._in_video)
        }
        choices = [(key, person.name) for key, person in self._people.items()]
        if len(self._in_video) > 1:
            choices.append((self.EACH, each))
        self.fields["star"].choices = choices  # type: ignore[attr-defined]
        end = min(video.duration_seconds or 60.0, 60.0)
        self.fields["stop"].initial = f"{int(end) // 60}:{int(end) % 60:02d}"

    @property
    def has_stars(self) -> bool:
        """Whether there is anybody to follow."""
        return bool(self._people)

    def people(self) -> list[Person]:
        """Return who is meant."""
        star = self.cleaned_data["star"]
        return self._in_video if star == self.EACH else [self._people[star]]

    def span(self) -> tuple[float, float]:
        """Return first and last second."""
        return self.cleaned_data["start"], self.cleaned_data["stop"]


class TasteForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a user wants captured."""

    per_minute = forms.IntegerField(
        min_value=1, max_value=20, label=gettext_lazy("Moments of one star in a minute, at most")
    )

    class Meta:
        model = Taste
        fields = ("is_wanted", "anyone", "per_minute", "favourites")
        labels: ClassVar = {
            "is_wanted": gettext_lazy("Capture moments while I film"),
            "anyone": gettext_lazy("Also of faces without a name"),
            "favourites": gettext_lazy("My favourites"),
        }
        widgets: ClassVar = {"favourites": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: Asker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["favourites"].queryset = people_visible_to(user)  # type: ignore[attr-defined]


class TrimForm(forms.Form):
    """How long before its moment a clip begins, and how long after it it ends, in seconds."""

    before = forms.FloatField()
    after = forms.FloatField()
