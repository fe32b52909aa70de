"""A photo shows the colours that its file declares, however it declares them."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms

from inference.images.decoding import decode_photo
from tests.inference.images.coding import coded_columns, differences

LARGEST_DIFFERENCE = 6


def save_heic(path: Path, primaries: int, transfer: int, columns: np.ndarray) -> Path:
    is_deep = columns.dtype == np.uint16
    heic = pillow_heif.from_bytes(
        "RGB;16" if is_deep else "RGB", (columns.shape[1], columns.shape[0]), columns.tobytes()
    )
    heic.save(
        path,
        quality=100,
        chroma=420,
        save_nclx_profile=True,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return path


@pytest.mark.parametrize(
    ("primaries", "curve", "points", "largest"),
    [
        pytest.param("BT.2020", "PQ", (9, 16), 255, id="PQ"),
        pytest.param("BT.2020", "PQ", (9, 16), 65535, id="PQ of 10 bits"),
        pytest.param("BT.2020", "HLG", (9, 18), 255, id="HLG"),
        pytest.param("BT.2020", "HLG", (9, 18), 65535, id="HLG of 10 bits"),
        pytest.param("P3", "2.2", (12, 4), 255, id="P3"),
        pytest.param("P3", "sRGB", (12, 13), 255, id="P3 as telephones write it"),
        pytest.param("P3", "2.2", (12, 4), 65535, id="P3 of 10 bits"),
        pytest.param("P3", "sRGB", (12, 13), 65535, id="P3 of 10 bits as telephones write it"),
    ],
)
def test_a_heic_is_read_by_its_code_points(
    tmp_path: Path, primaries: str, curve: str, points: tuple[int, int], largest: int
) -> None:
    columns = coded_columns(primaries, curve, largest)
    path = save_heic(tmp_path / "a.heic", *points, columns)

    assert differences(decode_photo(path).image).max() <= LARGEST_DIFFERENCE


def test_the_pq_heic_of_the_cases_keeps_its_colours(shared_data: Path) -> None:
    path = shared_data / "cases" / "heic_pq_hdr.heic"
    if not path.exists():
        pytest.skip("no cases/heic_pq_hdr.heic in the evaluation data")

    assert differences(decode_photo(path).image).max() <= LARGEST_DIFFERENCE


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(path: Path, columns: np.ndarray, *chunks: bytes, mode: str = "RGB") -> Path:
    Image.fromarray(columns).convert(mode).save(path, "PNG")
    content = path.read_bytes()
    path.write_bytes(content[:33] + b"".join(chunks) + content[33:])
    return path


def chromaticities(*values: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


GAMMA_22, SRGB_MARK = chunk(b"gAMA", struct.pack(">I", 45_455)), chunk(b"sRGB", b"\0")
GAMMA_1 = chunk(b"gAMA", struct.pack(">I", 100_000))
P3_COLOURS = chromaticities(0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)


@pytest.mark.parametrize(
    ("primaries", "curve", "chunks"),
    [
        pytest.param("BT.2020", "PQ", [chunk(b"cICP", bytes([9, 16, 0, 1]))], id="cICP with PQ"),
        pytest.param("P3", "sRGB", [GAMMA_22, P3_COLOURS], id="gAMA and cHRM of P3"),
        pytest.param("sRGB", "sRGB", [SRGB_MARK, GAMMA_1], id="sRGB goes before gAMA"),
        pytest.param(
            "P3",
            "sRGB",
            [chunk(b"cICP", bytes([12, 13, 0, 1])), SRGB_MARK],
            id="cICP goes before sRGB",
        ),
        pytest.param(
            "sRGB", "sRGB", [chunk(b"gAMA", bytes(4)), chromaticities(*[0] * 8)], id="nonsense"
        ),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_png_is_read_by_its_chunks(
    tmp_path: Path, primaries: str, curve: str, chunks: list[bytes], mode: str
) -> None:
    path = png_with(tmp_path / "a.png", coded_columns(primaries, curve, 255), *chunks, mode=mode)

    assert differences(decode_photo(path).image).max() <= LARGEST_DIFFERENCE


def test_a_grey_png_of_linear_light_becomes_brighter(tmp_path: Path) -> None:
    path = png_with(tmp_path / "a.png", np.full((8, 8), 55, np.uint8), GAMMA_1, mode="L")

    # Light of 55 / 255 is 0.2157; as sRGB that is 128.
    assert abs(int(decode_photo(path).image[4, 4, 0]) - 128) <= 1


BY_NUMBER = {0xA001: 2}
AS_CAMERAS_DO = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    "details",
    [pytest.param(BY_NUMBER, id="by number"), pytest.param(AS_CAMERAS_DO, id="as cameras do")],
)
def test_adobe_rgb_named_only_by_exif_is_converted(
    tmp_path: Path, kind: str, details: dict[int, object]
) -> None:
    path = tmp_path / "a"
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = details
    columns = coded_columns("Adobe RGB", "2.2", 255)
    Image.fromarray(columns).save(path, kind, quality=100, subsampling=0, exif=exif)

    assert differences(decode_photo(path).image).max() <= LARGEST_DIFFERENCE


def test_a_grey_profile_reaches_grey_with_transparency(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    profile = grey_profile(1.0)
    Image.new("LA", (8, 8), (55, 255)).save(path, icc_profile=profile)

    assert abs(int(decode_photo(path).image[4, 4, 0]) - 128) <= 2


def grey_profile(gamma: float) -> bytes:
    """A profile of ICC version 2 with a grey curve and nothing else that matters."""
    white = struct.pack(">4s4x3i", b"XYZ ", 63_190, 65_536, 54_061)
    curve = struct.pack(">4s4xIH2x", b"curv", 1, round(gamma * 256))
    text = struct.pack(">4s4xI", b"desc", 5) + b"grey\0" + bytes(4 + 4 + 2 + 1 + 67 + 4)
    tags, body, at = b"", b"", 128 + 4 + 3 * 12
    for name, content in ((b"wtpt", white), (b"kTRC", curve), (b"desc", text)):
        tags += struct.pack(">4sII", name, at + len(body), len(content))
        body += content.ljust(-(-len(content) // 4) * 4, b"\0")
    size = at + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x02200000, b"mntr", b"GRAY", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63_190, 65_536, 54_061)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + tags + body


def test_code_points_in_a_profile_count_where_they_mean_high_dynamic_range(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    # The last tag, which is of no account here, becomes the code points.
    where = len(profile)
    struct.pack_into(">4sII", profile, 132 + 12 * (count - 1), b"cicp", where, 12)
    profile += b"cicp" + bytes(4) + bytes([9, 16, 0, 1])
    struct.pack_into(">I", profile, 0, len(profile))
    columns = coded_columns("BT.2020", "PQ", 255)
    Image.fromarray(columns).save(path, icc_profile=bytes(profile))

    assert differences(decode_photo(path).image).max() <= LARGEST_DIFFERENCE
