"""The small pictures of a pack, and what stands for one that did not come along."""

import base64

NO_FACE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZG"
    "NywtQFdBRkxOUlNSMj5aYVpQYEpRUk//wAALCABwAHABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcY"
    "GRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKj"
    "pKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOyo"
    "ooooooooooooooooooooooooooooooooqGS7t4jh5Vz6DnH5UiXts5wJV/Hj+dT0UUUUUUUUUVkX188jNFEcRjgk"
    "fxf/AFqpUVZtL17chSS0XdfT6VtgggEEEHoRRRRRRRRRVXUpTHaHb1c7axaKKK1dJlLQtGeiHj8av0UUUUUUVm6x"
    "/wAsf+Bf0rNoooq7pP8Ax9N/uH+YrXoooooooqnqkRe13KAShz74rHooorU0iIhHlIHzcKe/v/n2rQooooooooIB"
    "BBAIPUGsS8tHgkLKpMR5BHb2NVqKmtraS4cBQQvdscCt1EWNAiABR0FLRRRRRRRRQQCCCAQeoNVZNOt3OQGT12mm"
    "pptupyd7exP+FW1VUUKihQOwGKWiiiiiiiimySJEu6Rgo96oTaoASIUz/tN/hVZtRuWYkOFHoFFINQugQTID7FRz"
    "ViLVTnE0Y+q/4VoRTRzLmJww/lT6KKKKKKr3l2tsnYyHov8AU1jTSvPIXkOSf0plFFFKjtG4dCQw6GtiyvRcfI+F"
    "k9B0P0q3RRRRTZJFijaR+ijNYE0rzyF5Dkn9KZRRRRRSo7RuHQkMOhretphPAsgxk9R6GpaKKKztWlIVIQevzN/S"
    "syiiiiiiir+lSlZmiJ4cZA9//wBX8q1aKKKxdSYteuCeFAA/LP8AWqtFFFFFFFS2jFbuIqcHcB+fFb9Ff//Z"
)
"""A JPEG of a grey head and shoulders, 112 x 112 pixels."""
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG markers after which the size of the picture stands."""


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height as a JPEG's headers have them, ``None`` for anything else.

    Nothing is decoded: a picture of somebody else is decoded by the worker's sandbox only.
    """
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker in _FRAMES:
            height = int.from_bytes(content[place + 5 : place + 7])
            return int.from_bytes(content[place + 7 : place + 9]), height
        place += 2 + max(2, length)
    return None
