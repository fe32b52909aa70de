"""Checks JSON against the types of the messages, so that only what they promise comes in.

The types are the one definition: a check is made out of the annotations of a ``TypedDict``, once.
Fields that a type does not name are left out, because the other side may be newer. Pure standard
library, as both ends and the web process use it.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

LARGEST_NUMBER = 2**53
"""Beyond it JSON's whole numbers are not exact everywhere."""

Check = Callable[[object], Any]


class ShapeError(ValueError):
    """A value is not what its type promises; the text says where and what is wanted."""

    def __init__(self, wanted: str, place: str = "") -> None:
        super().__init__(f"{place} {wanted}" if place else wanted)
        self._wanted = wanted
        self._place = place

    def within(self, name: str) -> "ShapeError":
        """Return the same error as seen from the object that has the value as a field."""
        return ShapeError(self._wanted, f"{name}.{self._place}" if self._place else name)


@cache
def check_of(kind: Any) -> Check:
    """Return the function that checks values of a type and returns them, or raises ``ShapeError``.

    Of a union of typed dictionaries the field ``type`` tells which one is meant.

    Raises:
        TypeError: The type is none that a message can have.
    """
    if is_typeddict(kind):
        return _record(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is NotRequired:
        return check_of(inner[0])
    if origin is Literal:
        return _one_of(inner)
    if origin in {Union, UnionType}:
        return _tagged(inner) if all(map(is_typeddict, inner)) else _optional(inner)
    if origin is list:
        return _list_of(check_of(inner[0]))
    if origin is tuple:
        return _tuple_of([check_of(one) for one in inner])
    if origin is dict:
        return _table_of(check_of(inner[1]))
    raise TypeError(f"a message cannot hold {kind!r}")


def _record(kind: Any) -> Check:
    """Check an object with named fields."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [
        (name, check_of(hint), name in kind.__required_keys__) for name, hint in hints.items()
    ]

    def check(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError("must be an object")
        read: dict[str, Any] = {}
        for name, check_field, is_required in fields:
            if name not in value:
                if is_required:
                    raise ShapeError("is missing", name)
                continue
            try:
                read[name] = check_field(value[name])
            except ShapeError as error:
                raise error.within(name) from None
        return read

    return check


def _tagged(kinds: tuple[Any, ...]) -> Check:
    """Check an object whose ``type`` says what it is."""
    checks: dict[object, Check] = {}
    for kind in kinds:
        for tag in get_args(get_type_hints(kind)["type"]):
            checks[tag] = check_of(kind)

    def check(value: object) -> Any:
        tag = value.get("type") if isinstance(value, dict) else None
        known = checks.get(tag) if isinstance(tag, str) else None
        if known is None:
            raise ShapeError("is of an unknown type")
        return known(value)

    return check


def _optional(kinds: tuple[Any, ...]) -> Check:
    """Check a value that may be missing."""
    wanted = [kind for kind in kinds if kind is not NoneType]
    if len(wanted) != 1 or len(kinds) != 2:
        raise TypeError(f"a message cannot hold a choice of {kinds!r}")
    check_wanted = check_of(wanted[0])
    return lambda value: None if value is None else check_wanted(value)


def _one_of(allowed: tuple[Any, ...]) -> Check:
    def check(value: object) -> object:
        # Without the second test true would pass for 1.
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
            raise ShapeError(f"must be one of {', '.join(map(str, allowed))}")
        return value

    return check


def _list_of(check_one: Check) -> Check:
    def check(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ShapeError("must be a list")
        return [check_one(one) for one in value]

    return check


def _tuple_of(checks: list[Check]) -> Check:
    def check(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(checks):
            raise ShapeError(f"must be a list of {len(checks)}")
        return tuple(check_one(one) for check_one, one in zip(checks, value, strict=True))

    return check


def _table_of(check_one: Check) -> Check:
    def check(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError("must be an object")
        return {key: check_one(one) for key, one in value.items()}

    return check


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ShapeError("must be text")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("must be true or false")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) >= LARGEST_NUMBER:
        raise ShapeError("must be a whole number")
    return value


def _number(value: object) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) < LARGEST_NUMBER:
        return float(value)
    raise ShapeError("must be a number")


def _nothing(value: object) -> None:
    if value is not None:
        raise ShapeError("must be empty")


_PLAIN: Mapping[Any, Check] = {
    str: _text,
    bool: _truth,
    int: _whole,
    float: _number,
    NoneType: _nothing,
}
