"""Places in XMP (ISO 16684-1): properties named after them become blanks.

What was blanked is parsed afterwards. A packet that is no XML, or still has such a property, goes
as a whole.
"""

import re
from xml.parsers import expat

from inference.places.blanking import UnreadableError

Text = bytearray | memoryview

_NAME = (
    rb"(?:G[Pp][Ss]\w{0,40}|\w{0,20}[Ll]ocation\w{0,20}|City|State|Country\w{0,20}"
    rb"|Province\w{0,20}|WorldRegion|[Ll]at(?:itude)?|[Ll]ong?(?:itude)?|[Cc]overage|Landmark"
    rb"|Address|Venue\w{0,20}|Geo(?:[Tt]ag|[Hh]ash|[Nn]ame)\w{0,20})"
)
_IS_PLACE = re.compile(rb"(?:[\w.-]{1,40}:)?" + _NAME)
_ATTRIBUTE = re.compile(
    rb"""(?<=\s)[\w.-]{1,40}:""" + _NAME + rb"""\s{0,9}=\s{0,9}(?:"[^"]{0,4000}"|'[^']{0,4000}')"""
)
_ELEMENT = re.compile(
    rb"<([\w.-]{1,40}:" + _NAME + rb")(?:\s[^<>]{0,4000})?(?:/>|>.{0,60000}?</\1\s{0,9}>)",
    re.DOTALL,
)


def blank_xmp(text: Text) -> None:
    """Blank the places of a packet, in place."""
    content = bytes(text)
    for pattern in (_ELEMENT, _ATTRIBUTE):
        content = pattern.sub(lambda match: b" " * len(match[0]), content)
    try:
        _check(content)
    except UnreadableError:
        content = b" " * len(content)
    text[:] = content


def _check(content: bytes) -> None:
    """Make sure that a packet is XML without places.

    Raises:
        UnreadableError: It is not.
    """
    packet = content.strip(b" \t\r\n\0")
    if not packet:
        return

    def refuse(*_: object) -> None:
        raise UnreadableError

    def look(name: str, attributes: dict[str, str]) -> None:
        if any(_IS_PLACE.fullmatch(one.encode()) for one in (name, *attributes)):
            raise UnreadableError

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = look
    try:
        parser.Parse(packet, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        raise UnreadableError from error
