"""What pages of apps below say about faces to sort."""

from typing import Any

from django import template

from webapp.analysis.sorting.worklist import faces_to_sort

register = template.Library()


@register.simple_tag(name="faces_to_sort", takes_context=True)
def faces_to_sort_tag(context: dict[str, Any]) -> int:
    """Return how many faces of the user wait for a name."""
    return faces_to_sort(context["request"].user)
