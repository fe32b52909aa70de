"""Names beside a picture: an XMP file with the regions of the Metadata Working Group.

"Guidelines for Handling Image Metadata" 2.0 (2010), as digiKam, darktable, Immich and others read
it beside a picture called ``name.jpg`` from ``name.jpg.xmp``. Coordinates are of the upright
picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '<rdf:Description rdf:about=""\n'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
    ' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"\n'
    ' xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"\n'
    ' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
)
_TAIL = '</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'


@dataclass(frozen=True, slots=True)
class Region:
    """A named face.

    Attributes:
        box: ``(x1, y1, x2, y2)`` in pixels of the upright picture.
    """

    name: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is written about one picture.

    Attributes:
        width: Pixels of the upright picture; ``height`` likewise.
        taken: With the offset of where it was taken.
        event: The concert; empty without one.
    """

    width: int
    height: int
    regions: Sequence[Region]
    taken: datetime | None = None
    event: str = ""
    is_favourite: bool = False


def sidecar(facts: Facts) -> str:
    """Return the XMP file of a picture."""
    taken = f"\n xmp:CreateDate={quoteattr(facts.taken.isoformat())}" if facts.taken else ""
    rating = '\n xmp:Rating="5"' if facts.is_favourite else ""
    names = sorted({region.name for region in facts.regions})
    subjects = [*names, *filter(None, [facts.event])]
    bag = "".join(f"<rdf:li>{_plain(subject)}</rdf:li>" for subject in subjects)
    subject = f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>\n" if bag else ""
    return f"{_HEAD}{taken}{rating}>\n{subject}{_regions(facts)}{_TAIL}"


def _regions(facts: Facts) -> str:
    if not facts.regions:
        return ""
    listed = "".join(_region(region, facts) for region in facts.regions)
    return (
        '<mwg-rs:Regions rdf:parseType="Resource">\n'
        f'<mwg-rs:AppliedToDimensions stDim:w="{facts.width}" stDim:h="{facts.height}"'
        ' stDim:unit="pixel"/>\n'
        f"<mwg-rs:RegionList><rdf:Bag>\n{listed}</rdf:Bag></mwg-rs:RegionList>\n"
        "</mwg-rs:Regions>\n"
    )


def _region(region: Region, facts: Facts) -> str:
    """Return one region; the standard wants its centre and size as shares of the picture."""
    x1, y1, x2, y2 = region.box
    left, right = max(x1, 0.0) / facts.width, min(x2, facts.width) / facts.width
    top, bottom = max(y1, 0.0) / facts.height, min(y2, facts.height) / facts.height
    return (
        f"<rdf:li><rdf:Description mwg-rs:Name={quoteattr(_printable(region.name))}"
        ' mwg-rs:Type="Face"><mwg-rs:Area'
        f' stArea:x="{(left + right) / 2:.6f}" stArea:y="{(top + bottom) / 2:.6f}"'
        f' stArea:w="{right - left:.6f}" stArea:h="{bottom - top:.6f}"'
        ' stArea:unit="normalized"/></rdf:Description></rdf:li>\n'
    )


def _plain(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(one for one in text if one.isprintable())
