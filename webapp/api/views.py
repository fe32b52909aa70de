"""The page that explains the API, made from its schema; no script and no other site takes part."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.accounts.keys import SCOPES
from webapp.api.reading import operations_of, shapes_of
from webapp.api.site import api


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show every address of the API, what it takes and what it answers."""
    schema: Any = api.get_openapi_schema()
    rooms: defaultdict[str, list[Any]] = defaultdict(list)
    for operation in operations_of(schema):
        rooms[operation.room].append(operation)
    context = {
        "page_title": "API",
        "description": schema["info"]["description"],
        "rooms": dict(rooms),
        "shapes": shapes_of(schema),
        "scopes": SCOPES,
    }
    return render(request, "api/reference.html", context)
