"""Writes the messages of live pages as types for the scripts: ``python -m tests.message_types``.

What the server and the browser say to each other is defined once, in ``webapp.live.messages`` and
``inference.protocol.messages``; tests fail while the written file says anything else.
"""

import types
from pathlib import Path
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints

from inference.protocol import messages as engine
from webapp.live import messages

FILE = Path(__file__).resolve().parents[1] / "static" / "js" / "lib" / "live_messages.js"
HEAD = """\
/**
 * What cameras, viewers and the server say to each other, as types.
 *
 * Written by `python -m tests.message_types` from webapp/live/messages.py and
 * inference/protocol/messages.py, where each field is explained; not to be changed by hand.
"""
SHAPES: tuple[type, ...] = (
    engine.LiveFace,
    engine.PortraitMask,
    engine.Timing,
    messages.AskedFrame,
    messages.FrameHeader,
    messages.ViewHeader,
)
"""What messages are made of, and the headers of pictures; the rest stands in ``TOLD``."""
TOLD: dict[str, tuple[type, ...]] = {
    name: get_args(told) or (told,)
    for name, told in (
        ("ToCamera", messages.ToCamera),
        ("ToViewer", messages.ToViewer),
        ("FromCamera", messages.FromCamera),
        ("FromViewer", messages.FromViewer),
    )
}
PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}


def script_type(hint: Any) -> str:
    """Return a Python type as TypeScript writes it."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin is Literal:
        return "|".join(f'"{value}"' for value in inner)
    if origin is types.UnionType:
        return "|".join(script_type(one) for one in inner)
    if origin is tuple:
        return f"[{', '.join(script_type(one) for one in inner)}]"
    if origin is list:
        of = script_type(inner[0])
        return f"({of})[]" if "|" in of else f"{of}[]"
    if origin is dict:
        return f"Record<{script_type(inner[0])}, {script_type(inner[1])}>"
    return str(hint.__name__)


def typedef(shape: type) -> str:
    """Return one message as a JSDoc typedef."""
    fields = []
    for name, hint in get_type_hints(shape, include_extras=True).items():
        is_optional = get_origin(hint) is NotRequired
        bare = get_args(hint)[0] if is_optional else hint
        said = f"[{name}]" if is_optional else name
        fields.append(f" * @property {{{script_type(bare)}}} {said}\n")
    return f" *\n * @typedef {{object}} {shape.__name__}\n{''.join(fields)}"


def written() -> str:
    """Return the whole file."""
    shapes = [*SHAPES, *(one for told in TOLD.values() for one in told)]
    unions = [
        f" * @typedef {{{'|'.join(one.__name__ for one in told)}}} {name}\n"
        for name, told in TOLD.items()
    ]
    bodies = "".join(typedef(shape) for shape in dict.fromkeys(shapes))
    return f"{HEAD}{bodies} *\n{''.join(unions)} */\n\nexport {{}};\n"


if __name__ == "__main__":
    FILE.write_text(written())
