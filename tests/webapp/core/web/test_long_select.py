"""A long select says what Django's own says."""

import pytest
from django import forms
from django.test.html import parse_html

from webapp.core.web.long_select import LongSelect

CHOICES = [("", "Where I live"), ("Asia/Seoul", "Asia/Seoul"), ("A&B", "<b>"), ("UTC", "UTC")]


class PlaceForm(forms.Form):
    """One field, drawn by either widget."""

    place = forms.ChoiceField(choices=CHOICES, required=False, help_text="Where it was.")


class LongForm(PlaceForm):
    """The same with the long select."""

    place = forms.ChoiceField(
        choices=CHOICES, required=False, help_text="Where it was.", widget=LongSelect
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nothing is chosen yet"),
        pytest.param({"place": "UTC"}, id="one is chosen"),
        pytest.param({"place": "A&B"}, id="one with signs"),
        pytest.param({"place": "Mars"}, id="one that there is not"),
    ],
)
def test_a_long_select_says_the_same_as_djangos_own(data: dict[str, str] | None) -> None:
    drawn = str(LongForm(data)["place"])
    assert parse_html(drawn) == parse_html(str(PlaceForm(data)["place"]))
    assert "<b>" not in drawn
