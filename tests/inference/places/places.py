"""Files that say in every way where they were made: the same coordinates and names in each."""

import io
import struct
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image

LATITUDE, LONGITUDE = b"+37.5154", b"+127.0730"
ISO6709 = LATITUDE + LONGITUDE + b"+030.000/"
NAMES = (b"Olympic Park", b"Seoul", b"South Korea")
LATITUDE_EXIF = struct.pack(">6I", 37, 1, 30, 1, 5925, 100)
SECRETS = (LATITUDE, LONGITUDE[1:], b"37,30.9", *NAMES, LATITUDE_EXIF)
TAKEN = "2024:02:21 19:30:00"

XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:c="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:CreateDate="2024-02-21T19:30:00"
 exif:GPSLatitude='37,30.9N' photoshop:City="Seoul" photoshop:Country = "South Korea">
<c:Location>Olympic Park</c:Location><e:LocationCreated><rdf:Bag><rdf:li e:City="Seoul">
<e:Sublocation>Olympic Park</e:Sublocation></rdf:li></rdf:Bag></e:LocationCreated>
<xmp:Rating>5</xmp:Rating></rdf:Description></rdf:RDF></x:xmpmeta>"""


def picture() -> Image.Image:
    image = Image.radial_gradient("L").resize((64, 48)).convert("RGB")
    image.putpixel((3, 3), (200, 30, 60))
    return image


def exif() -> Image.Exif:
    """Orientation 6, a date, a position, and notes of the maker with names."""
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = 6
    found[ExifTags.IFD.Exif] = {0x9003: TAKEN, 0x927C: b"Panasonic\0\0\0" + b" ".join(NAMES)}
    found[ExifTags.IFD.GPSInfo] = {1: "N", 2: (37.0, 30.0, 59.25), 3: "E", 4: (127.0, 4.0, 22.8)}
    return found


def iptc() -> bytes:
    """Photoshop resources with IPTC records, as an application segment holds them."""
    places = ((92, NAMES[0]), (90, NAMES[1]), (101, NAMES[2]), (55, b"20240221"))
    records = b"".join(
        struct.pack(">BBBH", 0x1C, 2, at, len(value)) + value for at, value in places
    )
    padded = records + b"\0" * (len(records) % 2)
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + padded


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def saved(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture().save(file, kind, **options)
    return file.getvalue()


def jpeg(*segments: bytes, behind: bytes = b"", **options: object) -> bytes:
    plain = saved("JPEG", **options)
    return plain[:2] + b"".join(segments) + plain[2:] + behind


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def user_data() -> dict[str, bytes]:
    """Boxes of user data that say where a film was made, by their names."""
    text = struct.pack(">HH", len(ISO6709), 0x15C7) + ISO6709
    loci = bytes(4) + b"\x15\xc7" + NAMES[0] + b"\0\0" + struct.pack(">iii", 1, 2, 3) + b"earth\0\0"
    key = b"com.apple.quicktime.location.ISO6709"
    date = b"com.apple.quicktime.creationdate"
    keys = box(b"keys", bytes(4), struct.pack(">I", 2), box(b"mdta", date), box(b"mdta", key))
    values = box(
        b"ilst",
        box(b"\0\0\0\1", box(b"data", struct.pack(">II", 1, 0), b"2024-02-21T19:30:00+0900")),
        box(b"\0\0\0\2", box(b"data", struct.pack(">II", 1, 0), ISO6709)),
    )
    handler = box(b"hdlr", bytes(8), b"mdta", bytes(13))
    free_form = box(
        b"ilst",
        box(
            b"----",
            box(b"mean", bytes(4), b"com.example"),
            box(b"name", bytes(4), b"LOCATION"),
            box(b"data", struct.pack(">II", 1, 0), NAMES[1]),
        ),
    )
    return {
        "©xyz": box(b"\xa9xyz", text),
        "loci": box(b"loci", loci),
        "keys of QuickTime": box(b"meta", handler, keys, values),
        "tags of iTunes": box(
            b"meta", bytes(4), box(b"hdlr", bytes(8), b"mdir", bytes(13)), free_form
        ),
        "XMP": box(b"XMP_", XMP),
        "an unknown box": box(b"gps0", ISO6709),
    }


def with_user_data(film: bytes, data: bytes) -> bytes:
    """Add user data to the end of a film's ``moov``, which must be its last box."""
    at = film.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", film, at)
    assert at + size == len(film)
    return film[:at] + box(b"moov", film[at + 8 :], box(b"udta", data))


def heic(path: Path) -> bytes:
    image = pillow_heif.from_pillow(picture())
    image.save(path, exif=exif().tobytes(), xmp=XMP)
    return path.read_bytes()
