"""How the schema tells of answers that are pictures or files."""

from typing import Any

_BYTES = {"schema": {"type": "string", "format": "binary"}}
JPEG: dict[str, Any] = {
    "responses": {200: {"description": "A picture", "content": {"image/jpeg": _BYTES}}}
}
JPEG_OR_FILE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "A picture, or the file as it was uploaded",
            "content": {"image/jpeg": _BYTES, "application/octet-stream": _BYTES},
        },
        206: {
            "description": "The part that was asked for by Range",
            "content": {"image/jpeg": _BYTES, "application/octet-stream": _BYTES},
        },
    }
}
