"""Place data is blanked wherever a file may hide it, and everything else stays."""

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image

from inference.places.photos import blank_places
from inference.places.pictures.png import MAX_TEXT_BYTES

GPS = ExifTags.IFD.GPSInfo
LATITUDE = struct.pack(">6I", 37, 1, 30, 1, 5925, 100)
XMP = b"<x:xmpmeta><rdf:Description exif:GPSLatitude='37,31N' tiff:Make='Maker'/></x:xmpmeta>"
XMP_KEYWORD = b"XML:com.adobe.xmp\x00"


def tiff(first_directory: int = 8) -> bytes:
    """Orientation 6, a maker and a position, with the first directory at this offset."""
    entries = first_directory + 2
    gps = entries + 2 * 12 + 4
    values = gps + 2 + 12 + 4
    return b"".join(
        [
            struct.pack(">2sHI", b"MM", 42, first_directory).ljust(first_directory, b"\0"),
            struct.pack(">H", 2),
            struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0),
            struct.pack(">HHII", GPS, 4, 1, gps),
            struct.pack(">I", 0),
            struct.pack(">HHHIII", 1, 2, 5, 3, values, 0),
            LATITUDE,
        ]
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png(*extra: bytes) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(file, "PNG")
    plain = file.getvalue()
    head = len(b"\x89PNG\r\n\x1a\n") + 25
    return plain[:head] + b"".join(extra) + plain[head:]


def raw_profile(payload: bytes) -> bytes:
    lines = [payload[at : at + 36].hex() for at in range(0, len(payload), 36)]
    return f"\nexif\n{len(payload):8d}\n".encode() + "\n".join(lines).encode() + b"\n"


def opened(data: bytes | bytearray) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()  # Checks every chunk's sum.
    return image


PROFILE = raw_profile(b"Exif\0\0" + tiff())
LATE_PROFILE = raw_profile(b"Exif\0\0" + tiff(26))
RAW = b"Raw profile type exif\0"


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(chunk(b"eXIf", tiff()), id="exif"),
        pytest.param(chunk(b"eXIf", tiff(26)), id="exif with a late first directory"),
        pytest.param(chunk(b"eXIf", tiff(70_000)), id="exif with a very late first directory"),
        pytest.param(chunk(b"tEXt", RAW + PROFILE), id="raw profile, open"),
        pytest.param(
            chunk(b"zTXt", RAW + b"\0" + zlib.compress(PROFILE)), id="raw profile, packed"
        ),
        pytest.param(
            chunk(b"iTXt", RAW + b"\1\0\0\0" + zlib.compress(LATE_PROFILE)),
            id="raw profile, packed and international",
        ),
    ],
)
def test_a_position_in_exif_goes_and_the_orientation_stays(hidden: bytes) -> None:
    data = bytearray(png(hidden))
    before = opened(data)
    assert before.getexif().get_ifd(GPS)  # Otherwise the test would find nothing to lose.

    assert blank_places(data)

    after = opened(data)
    assert dict(after.getexif().get_ifd(GPS)) == {}
    assert after.getexif()[ExifTags.Base.Orientation] == 6
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(chunk(b"iTXt", XMP_KEYWORD + b"\0\0\0\0" + XMP), id="open"),
        pytest.param(chunk(b"iTXt", XMP_KEYWORD + b"\1\0\0\0" + zlib.compress(XMP)), id="packed"),
    ],
)
def test_a_position_in_xmp_goes_and_its_neighbours_stay(hidden: bytes) -> None:
    data = bytearray(png(hidden))
    assert b"GPSLatitude" in opened(data).info["xmp"]

    assert blank_places(data)

    xmp = opened(data).info["xmp"]
    assert b"GPSLatitude" not in xmp
    assert b"tiff:Make='Maker'" in xmp


def test_a_raw_profile_with_xmp_is_blanked_too() -> None:
    profile = raw_profile(b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    data = bytearray(png(chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(profile))))

    assert blank_places(data)

    text = str(opened(data).info["Raw profile type APP1"])
    payload = bytes.fromhex(text.split("\n", 3)[3])
    assert b"GPSLatitude" not in payload
    assert b"Maker" in payload


@pytest.mark.parametrize(
    "unreadable",
    [
        pytest.param(RAW + b"\0no zlib at all", id="broken"),
        pytest.param(RAW + b"\0" + zlib.compress(bytes(MAX_TEXT_BYTES + 1)), id="too long"),
        pytest.param(RAW + b"\0" + zlib.compress(b"\nexif\n 4\nno hex"), id="no digits"),
        pytest.param(b"exif:GPSLatitude\0\0" + zlib.compress(b"37/1"), id="named after a place"),
    ],
)
def test_a_text_that_nobody_can_vouch_for_is_dropped(unreadable: bytes) -> None:
    data = bytearray(png(chunk(b"zTXt", unreadable)))

    assert blank_places(data)

    assert bytes(data) == png()


def test_a_png_without_a_place_stays_as_it_is() -> None:
    content = png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"in the hall")))
    data = bytearray(content)

    assert not blank_places(data)
    assert bytes(data) == content


def test_what_hangs_behind_a_png_is_blanked_as_well() -> None:
    data = bytearray(png() + XMP)

    assert blank_places(data)
    assert b"GPSLatitude" not in data


def test_a_jpeg_whose_first_directory_comes_late_is_blanked() -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=b"Exif\0\0" + tiff(26))
    data = bytearray(file.getvalue())

    assert blank_places(data)

    assert dict(opened(data).getexif().get_ifd(GPS)) == {}
    assert opened(data).getexif()[ExifTags.Base.Orientation] == 6


def test_a_webp_whose_first_directory_comes_late_is_blanked() -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "WEBP", exif=tiff(26))
    data = bytearray(file.getvalue())

    assert blank_places(data)

    assert dict(opened(data).getexif().get_ifd(GPS)) == {}
