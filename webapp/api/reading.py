"""An OpenAPI schema as rows for a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a part of a shape."""

    name: str
    kind: str
    is_required: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the API.

    Attributes:
        room: What it is about.
        scope: What a key needs; empty where any key will do.
        body: What is to be sent; empty for nothing.
        answer: What comes back.
    """

    id: str
    room: str
    method: str
    path: str
    text: str
    scope: str
    parameters: list[Field]
    body: str
    answer: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of object that is sent or answered."""

    name: str
    text: str
    fields: list[Field]


def operations_of(schema: Schema) -> Iterator[Operation]:
    """Yield the operations of a schema in their order."""
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield Operation(
                id=told["operationId"],
                room=told["tags"][0],
                method=method.upper(),
                path=path,
                text=told.get("description", ""),
                scope=told.get("x-scope", ""),
                parameters=[
                    Field(one["name"], kind_of(one["schema"]), one["required"], one["in"])
                    for one in told["parameters"]
                ],
                body=_kind_of_content(told.get("requestBody", {})),
                answer=_answer_of(told["responses"]),
            )


def shapes_of(schema: Schema) -> list[Shape]:
    """Return the kinds of objects of a schema, by name."""
    return [
        Shape(name, _first_lines(shape.get("description", "")), fields_of(shape))
        for name, shape in sorted(schema["components"]["schemas"].items())
        if "properties" in shape
    ]


def fields_of(shape: Schema) -> list[Field]:
    """Return the parts of one shape."""
    required = shape.get("required", [])
    return [
        Field(name, kind_of(part), name in required)
        for name, part in shape.get("properties", {}).items()
    ]


def kind_of(part: Schema) -> str:
    """Return in a few words what a value is."""
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    if "anyOf" in part:
        return " or ".join(kind_of(one) for one in part["anyOf"])
    if "enum" in part:
        return " or ".join(repr(value) for value in part["enum"])
    kind = str(part.get("format") or part.get("type") or "anything")
    if kind == "array":
        return f"list of {kind_of(part.get('items', {}))}"
    if kind == "object" and isinstance(part.get("additionalProperties"), dict):
        return f"text to {kind_of(part['additionalProperties'])}"
    return "nothing" if kind == "null" else kind


def _first_lines(text: str) -> str:
    return text.partition("\n\nAttributes:")[0]


def _kind_of_content(told: Schema) -> str:
    content = told.get("content", {})
    return ", ".join(f"{media}: {_content(one['schema'])}" for media, one in content.items())


def _content(shape: Schema) -> str:
    if "properties" not in shape:
        return kind_of(shape)
    return ", ".join(f"{field.name} ({field.kind})" for field in fields_of(shape))


def _answer_of(responses: Schema) -> str:
    good = {status: told for status, told in responses.items() if int(status) < 300}
    return "; ".join(f"{status} {_kind_of_content(told)}".strip() for status, told in good.items())
