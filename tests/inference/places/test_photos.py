"""Nothing in a photo's file says where it was taken, and its picture, date and turn stay."""

import io
import struct
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from inference.images.decoding import decode_photo
from inference.images.fingerprint import picture_sha256
from inference.places.photos import blank_places
from tests.inference.places import places
from tests.inference.places.pictures.test_png import chunk, raw_profile
from tests.inference.places.places import XMP, box, exif, iptc, jpeg, segment
from tests.inference.video.films import make_film

XMP_SEGMENT = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
IPTC_SEGMENT = segment(0xED, iptc())
SECOND = jpeg(exif=exif())


def png(*chunks: bytes) -> bytes:
    plain = places.saved("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def film(tmp_path: Path) -> bytes:
    return make_film(tmp_path / "film.mp4", seconds=0.5).read_bytes()


STILL = {
    "EXIF": jpeg(exif=exif()),
    "XMP": jpeg(XMP_SEGMENT),
    "XMP that is no XML": jpeg(XMP_SEGMENT.replace(b"</x:xmpmeta>", b"</x:xmpmetA>")),
    "XMP of another prefix": jpeg(XMP_SEGMENT.replace(b"photoshop:", b"hidden_ns:")),
    "a second part of XMP": jpeg(segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + XMP)),
    "IPTC": jpeg(IPTC_SEGMENT),
    "IPTC that is broken": jpeg(segment(0xED, iptc().replace(b"8BIM", b"8BIX"))),
    "an unknown segment": jpeg(segment(0xE6, b"GoPro\0" + places.ISO6709)),
    "a manifest of origin": jpeg(segment(0xEB, b"JP\0\0" + places.ISO6709)),
    "a comment": jpeg(segment(0xFE, places.ISO6709)),
    "bytes between segments": jpeg(segment(0xFE, b"in the hall") + places.NAMES[0]),
    "a second picture": jpeg(behind=SECOND),
    "a second picture after a gap": jpeg(behind=bytes(100) + SECOND),
    "a trailer": jpeg(behind=b"SEFH" + places.ISO6709 + b"SEFT"),
    "PNG, EXIF": png(chunk(b"eXIf", exif().tobytes()[6:])),
    "PNG, XMP": png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "PNG, raw IPTC": png(chunk(b"tEXt", b"Raw profile type iptc\0" + raw_profile(iptc()[14:]))),
    "PNG, named text": png(chunk(b"tEXt", b"Location\0Olympic Park, Seoul")),
    "PNG, coordinates in a text": png(chunk(b"tEXt", b"Comment\0at " + places.ISO6709)),
    "PNG, unknown chunk": png(chunk(b"caBX", places.ISO6709)),
    "PNG, behind it": png() + places.ISO6709,
    "WebP, EXIF": places.saved("WEBP", exif=exif()),
    "WebP, XMP": places.saved("WEBP", xmp=XMP),
    "WebP, behind it": places.saved("WEBP") + places.ISO6709,
}


def secrets_in(data: bytes | bytearray) -> list[bytes]:
    spelled = [secret.hex().encode() for secret in places.SECRETS]
    return [secret for secret in (*places.SECRETS, *spelled) if secret in data]


def opened(data: bytes | bytearray) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("name", STILL)
def test_no_place_is_left_in_a_photo(name: str) -> None:
    before = STILL[name]
    data = bytearray(before)
    assert secrets_in(before) or "unpacked" in name

    assert blank_places(data)

    assert secrets_in(data) == []
    assert opened(data).tobytes() == opened(before).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_orientation_and_date_stay(kind: str) -> None:
    data = bytearray(places.saved(kind, exif=exif()))

    assert blank_places(data)

    found = opened(data).getexif()
    assert found[ExifTags.Base.Orientation] == 6
    assert found.get_ifd(ExifTags.IFD.Exif)[0x9003] == places.TAKEN
    assert dict(found.get_ifd(ExifTags.IFD.GPSInfo)) == {}


def test_the_rest_of_xmp_and_iptc_stays() -> None:
    data = bytearray(jpeg(XMP_SEGMENT, IPTC_SEGMENT))

    assert blank_places(data)

    assert b'xmp:CreateDate="2024-02-21T19:30:00"' in data
    assert b"<xmp:Rating>5</xmp:Rating>" in data
    assert b"20240221" in data


def test_exif_that_cannot_be_read_goes() -> None:
    broken = bytearray(exif().tobytes())
    struct.pack_into(">I", broken, 10, 60_000)  # Where its first directory lies.
    data = bytearray(jpeg(segment(0xE1, bytes(broken))))

    assert blank_places(data)

    assert secrets_in(data) == []


@pytest.mark.parametrize("where", places.user_data())
def test_no_place_is_left_in_a_film_behind_a_photo(tmp_path: Path, where: str) -> None:
    moving = places.with_user_data(film(tmp_path), places.user_data()[where])
    data = bytearray(jpeg(behind=moving))
    assert secrets_in(data)

    assert blank_places(data)

    assert secrets_in(data) == []
    clean = data[data.index(b"ftyp") - 4 :]
    assert len(clean) == len(moving)
    assert clean[: moving.index(b"moov")] == moving[: moving.index(b"moov")]


def test_no_place_is_left_in_a_heic(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    before = places.heic(path)
    film_within = box(b"mpvd", places.with_user_data(film(tmp_path), places.user_data()["©xyz"]))
    data = bytearray(before + film_within + box(b"free", places.ISO6709))
    assert secrets_in(before)

    assert blank_places(data)

    assert secrets_in(data) == []
    path.write_bytes(data)
    photo = decode_photo(path)
    assert photo.taken_at is not None
    assert photo.image.tobytes() == decode_photo(_written(tmp_path, before)).image.tobytes()


def _written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "before"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        pytest.param("motion_loc_mdta.jpg", (b"37.5154", b"127.0730"), id="film behind a photo"),
        pytest.param("place_names_iptc_xmp.jpg", places.NAMES, id="names"),
    ],
)
def test_the_cases_lose_their_places(
    shared_data: Path, name: str, secrets: tuple[bytes, ...]
) -> None:
    path = shared_data / "cases" / name
    if not path.exists():
        pytest.skip(f"no cases/{name} in the evaluation data")
    data = bytearray(path.read_bytes())
    assert all(secret in data for secret in secrets)

    assert blank_places(data)

    assert not any(secret in data for secret in secrets)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_without_a_place_stays_as_it_is(kind: str) -> None:
    before = places.saved(kind)
    data = bytearray(before)

    assert not blank_places(data)
    assert data == before


@pytest.mark.parametrize("name", STILL)
def test_a_picture_is_known_after_its_place_has_gone(tmp_path: Path, name: str) -> None:
    data = bytearray(STILL[name])
    blank_places(data)
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(STILL[name])
    after.write_bytes(data)

    assert picture_sha256(before) == picture_sha256(after) != ""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_known_with_other_metadata_and_another_one_is_not(
    tmp_path: Path, kind: str
) -> None:
    plain, dated, other = tmp_path / "plain", tmp_path / "dated", tmp_path / "other"
    plain.write_bytes(places.saved(kind))
    dated.write_bytes(places.saved(kind, exif=exif()))
    places.picture().transpose(Image.Transpose.ROTATE_180).save(other, kind)

    assert picture_sha256(plain) == picture_sha256(dated) != picture_sha256(other)


def test_a_heic_is_known_with_other_metadata(tmp_path: Path) -> None:
    path, clean = tmp_path / "a.heic", tmp_path / "b.heic"
    data = bytearray(places.heic(path))
    blank_places(data)
    clean.write_bytes(data)

    assert picture_sha256(path) == picture_sha256(clean) != ""


def test_what_is_no_picture_has_no_hash(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"GIF89a, or so")

    assert picture_sha256(path) == ""
