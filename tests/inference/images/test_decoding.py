"""Decoding of photos from outside."""

import errno
import io
import struct
import time
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from inference.errors import ImageError, ImageMemoryError
from inference.images import decoding
from inference.images.decoding import decode_photo
from inference.images.encoding import encode_jpeg, resize_to_fit
from inference.images.headers import read_header

RED, BLUE = (220, 30, 40), (30, 60, 220)
ORIENTATION = 0x0112


def two_halves(width: int = 64, height: int = 32) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def saved(
    tmp_path: Path, image: Image.Image, kind: str, name: str = "photo", **options: object
) -> Path:
    path = tmp_path / name
    image.save(path, kind, **options)
    return path


def is_near(pixel: np.ndarray, colour: tuple[int, ...], tolerance: int = 30) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= tolerance)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    out = b"\x89PNG\r\n\x1a\n"
    for kind, content in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(content)) + kind + content
        out += struct.pack(">I", zlib.crc32(kind + content))
    return out


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_allowed_format_gives_its_pixels(tmp_path: Path, kind: str) -> None:
    photo = decode_photo(saved(tmp_path, two_halves(), kind, "name-without-extension"))

    assert photo.format == kind
    assert photo.original_size == (64, 32)
    assert photo.image.shape == (32, 64, 3)
    assert photo.image.dtype == np.uint8
    assert is_near(photo.image[16, 8], RED)
    assert is_near(photo.image[16, 56], BLUE)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "PPM", "ICO"])
def test_a_format_outside_the_list_is_refused_whatever_its_name(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, two_halves(), kind, "holiday.jpg")

    with pytest.raises(ImageError, match="JPEG, PNG, WebP and HEIC"):
        decode_photo(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_exif_orientation_gives_the_same_upright_pixels(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    upright = Image.fromarray(
        np.kron(np.arange(6).reshape(2, 3) * 40 + 20, np.ones((32, 32))).astype(np.uint8)
    ).convert("RGB")
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = saved(tmp_path, stored, kind, exif=exif.tobytes(), quality=95)

    photo = decode_photo(path)

    assert photo.original_size == upright.size
    difference = np.abs(photo.image.astype(int) - np.asarray(upright).astype(int))
    assert difference.mean() < 2


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        pytest.param("CMYK", "JPEG", id="CMYK JPEG"),
        pytest.param("L", "JPEG", id="grey JPEG"),
        pytest.param("P", "PNG", id="palette"),
        pytest.param("1", "PNG", id="one bit"),
        pytest.param("LA", "PNG", id="grey with alpha"),
        pytest.param("RGBA", "PNG", id="colour with alpha"),
        pytest.param("RGBA", "WEBP", id="WebP with alpha"),
    ],
)
def test_every_colour_mode_becomes_eight_bit_rgb(tmp_path: Path, mode: str, kind: str) -> None:
    light = Image.new("RGB", (40, 20), "white").convert(mode)

    photo = decode_photo(saved(tmp_path, light, kind))

    assert photo.image.shape == (20, 40, 3)
    assert photo.image.min() > 230


def test_sixteen_bit_grey_keeps_its_tones(tmp_path: Path) -> None:
    tones = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(8, axis=0)

    photo = decode_photo(saved(tmp_path, Image.fromarray(tones), "PNG"))

    assert photo.image[0, 0, 0] == 0
    assert photo.image[0, 128, 0] == 128
    assert photo.image[0, 255, 0] == 255


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (600, 600), (*RED, 0))
    image.paste((*RED, 255), (0, 300, 600, 600))

    photo = decode_photo(saved(tmp_path, image, "PNG"))

    assert tuple(photo.image[10, 10]) == (255, 255, 255)
    assert tuple(photo.image[590, 10]) == RED


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_of_an_animation_the_first_frame_counts(tmp_path: Path, kind: str) -> None:
    first, second = Image.new("RGB", (64, 64), RED), Image.new("RGB", (64, 64), BLUE)
    path = saved(tmp_path, first, kind, save_all=True, append_images=[second])

    assert is_near(decode_photo(path).image[32, 32], RED)


def test_a_stereo_jpeg_counts_as_jpeg(tmp_path: Path) -> None:
    path = saved(tmp_path, two_halves(), "MPO", save_all=True, append_images=[two_halves()])

    photo = decode_photo(path)

    assert photo.format == "JPEG"
    assert is_near(photo.image[16, 8], RED)


def test_an_embedded_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    swapped = _swapped_profile()
    photo = decode_photo(
        saved(tmp_path, Image.new("RGB", (32, 32), (100, 150, 200)), "PNG", icc_profile=swapped)
    )

    # The profile says that red is blue's primary and the other way round.
    red, green, blue = photo.image[0, 0].astype(int)
    assert red > blue
    assert abs(green - 150) < 12


def _swapped_profile() -> bytes:
    """SRGB with the red and blue primaries exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    names = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    (count,) = struct.unpack_from(">I", profile, 128)
    for entry in range(132, 132 + 12 * count, 12):
        name = bytes(profile[entry : entry + 4])
        profile[entry : entry + 4] = names.get(name, name)
    return (
        bytes(profile)
        .replace("sRGB".encode("utf-16-be"), "tRGB".encode("utf-16-be"))
        .replace(b"sRGB built-in", b"tRGB built-in")
    )


def test_a_broken_profile_changes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, two_halves(), "PNG", icc_profile=b"nonsense" * 20)

    assert tuple(decode_photo(path).image[16, 8]) == RED


def test_capture_time_and_camera_are_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker\x00\n", "  Model <b>7</b>" + "x" * 200
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"

    photo = decode_photo(saved(tmp_path, two_halves(), "JPEG", exif=exif))

    assert photo.taken_at == datetime.fromisoformat("2024-05-06T07:08:09")
    assert photo.camera.startswith("Maker Model <b>7</b>x")
    assert len(photo.camera) == 80


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [("25", 250_000), ("012", 12_000), ("1234567", 123_456), (" ", 0), ("x1", 0), (None, 0)],
)
def test_the_fraction_of_a_second_tells_the_photos_of_a_burst_apart(
    tmp_path: Path, fraction: str | None, microseconds: int
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    if fraction is not None:
        exif.get_ifd(0x8769)[0x9291] = fraction
    photo = decode_photo(saved(tmp_path, two_halves(), "JPEG", exif=exif))
    assert photo.taken_at == datetime(2024, 5, 6, 7, 8, 9, microseconds)  # noqa: DTZ001


def dated(folder: Path, text: str, **more: object) -> datetime | None:
    """Return the time of a photo whose camera wrote this; ``more`` are other EXIF values."""
    exif = Image.Exif()
    details, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    details[0x9003] = text
    if "offset" in more:
        details[0x9011] = more["offset"]
    if "gps" in more:
        place[29], place[7] = more["gps"]
    return decode_photo(saved(folder, two_halves(), "JPEG", exif=exif)).taken_at


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        pytest.param(
            "2024:05:21 19:29:50", {"offset": "+09:00"}, "2024-05-21T19:29:50+09:00", id="offset"
        ),
        pytest.param(
            "2024:02:21 10:14:22.27-05:30", {}, "2024-02-21T10:14:22.270-05:30", id="inline"
        ),
        pytest.param("2024:05:21 10:29:50Z", {}, "2024-05-21T10:29:50+00:00", id="Zulu"),
        pytest.param(
            "2024:05:21 01:29:50",
            {"gps": ("2024:05:20", (16.0, 29.0, 31.0))},
            "2024-05-21T01:29:50+09:00",
            id="satellites, the day before",
        ),
        pytest.param(
            "2024:05:21 19:29:50",
            {"gps": ("2024:05:21", (10.0, 22.0, 0.0))},
            "2024-05-21T19:29:50",
            id="an old fix says nothing",
        ),
        pytest.param("2024:05:21 19:29:50", {"offset": "+25:00"}, "2024-05-21T19:29:50", id="lie"),
        pytest.param("2024:05:21 19:29:50", {"offset": " "}, "2024-05-21T19:29:50", id="blank"),
    ],
)
def test_the_offset_of_a_camera_is_read_wherever_it_stands(
    tmp_path: Path, text: str, more: dict[str, object], expected: str
) -> None:
    taken_at = dated(tmp_path, text, **more)

    assert taken_at is not None
    assert taken_at == datetime.fromisoformat(expected)
    assert (taken_at.tzinfo is None) == (datetime.fromisoformat(expected).tzinfo is None)


@pytest.mark.parametrize("offset", ["", "+09:00", "-05:00"])
@pytest.mark.parametrize("year", ["0000", "0001", "1904", "1969", "2201", "9999"])
def test_a_date_out_of_reason_is_no_date(tmp_path: Path, year: str, offset: str) -> None:
    assert dated(tmp_path, f"{year}:01:01 00:00:00", offset=offset) is None


def test_today_and_the_first_day_are_dates(tmp_path: Path) -> None:
    assert dated(tmp_path, "1970:01:01 00:00:00") == datetime(1970, 1, 1)  # noqa: DTZ001
    now = datetime.now().replace(microsecond=0)  # noqa: DTZ005
    assert dated(tmp_path, f"{now + timedelta(hours=13):%Y:%m:%d %H:%M:%S}") is not None
    assert dated(tmp_path, f"{now + timedelta(hours=60):%Y:%m:%d %H:%M:%S}") is None


def test_broken_exif_is_as_good_as_none(tmp_path: Path) -> None:
    path = saved(
        tmp_path, two_halves(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\xff" * 60
    )

    photo = decode_photo(path)

    assert (photo.taken_at, photo.camera) == (None, "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_file_that_was_cut_off_is_refused_with_a_sentence(
    tmp_path: Path, kind: str, share: float
) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8))
    path = saved(tmp_path, noise, kind)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(ImageError) as refusal:
        decode_photo(path)
    assert str(refusal.value).endswith(".")


def test_a_png_whose_pixels_are_destroyed_is_refused(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8))
    path = saved(tmp_path, noise, "PNG")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : -30] = bytes(len(content) - len(content) // 2 - 30)
    path.write_bytes(content)

    with pytest.raises(ImageError):
        decode_photo(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo").touch()
    with pytest.raises(ImageError, match="empty"):
        decode_photo(tmp_path / "photo")


BOMBS = [
    pytest.param(
        png(30_000, 30_000, (b"IDAT", zlib.compress(bytes(87_000)))),
        "16,000",
        id="30,000 squared PNG",
    ),
    pytest.param(png(65_535, 65_535), "16,000", id="65,535 squared in 57 bytes"),
    pytest.param(png(1, 60_000), "16,000", id="1 x 60,000"),
    pytest.param(png(9_000, 9_000), "50 megapixels", id="81 megapixels"),
    pytest.param(png(10, 10, *[(b"tEXt", b"a\0b")] * 100_000), "chunks", id="100,000 chunks"),
    pytest.param(png(0, 10), "no width", id="no width"),
    pytest.param(
        b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0" * 2 + bytes(20),
        "16,000",
        id="16,383 squared WebP",
    ),
    pytest.param(
        b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 65_000, 65_000) + bytes(20),
        "32,000",
        id="65,000 squared JPEG",
    ),
    pytest.param(
        b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 15_000, 15_000) + bytes(20),
        "200 megapixels",
        id="225 megapixel JPEG",
    ),
    pytest.param(
        b"\xff\xd8\xff\xc2\x00\x11\x08" + struct.pack(">HH", 9_000, 9_000) + bytes(20),
        "progressive",
        id="81 megapixel progressive JPEG",
    ),
    pytest.param(
        b"\xff\xd8" + b"\xff\xe1\x00\x02" * 100_000, "no picture header", id="100,000 JPEG segments"
    ),
]


@pytest.mark.parametrize(("content", "reason"), BOMBS)
def test_a_bomb_is_refused_from_its_header_within_50_ms(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(content)

    started = time.thread_time()
    with pytest.raises(ImageError, match=reason):
        read_header(path)
    assert time.thread_time() - started < 0.05
    with pytest.raises(ImageError, match=reason):
        decode_photo(path)


def test_text_that_unpacks_into_megabytes_is_refused(tmp_path: Path) -> None:
    bomb = (b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9))
    path = tmp_path / "bomb.png"
    path.write_bytes(png(10, 10, bomb))

    with pytest.raises(ImageError):
        decode_photo(path)


def test_a_large_jpeg_is_decoded_at_half_its_size(tmp_path: Path) -> None:
    path = saved(tmp_path, two_halves(640, 480), "JPEG")

    photo = decode_photo(path, max_pixels=640 * 480 // 3)

    assert photo.image.shape == (240, 320, 3)
    assert photo.original_size == (640, 480)
    assert is_near(photo.image[120, 20], RED)


@pytest.mark.slow
def test_a_phone_photo_of_200_megapixels_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("RGB", (16_320, 12_240), RED), "JPEG", quality=50)

    photo = decode_photo(path)

    assert photo.original_size == (16_320, 12_240)
    assert photo.image.shape == (6_120, 8_160, 3)


def test_an_encoded_jpeg_carries_no_metadata() -> None:
    decoded = Image.open(io.BytesIO(encode_jpeg(np.asarray(two_halves()))))

    assert set(decoded.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert decoded.size == (64, 32)


def test_colour_stays_sharp_from_quality_95_on() -> None:
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::2, 0] = 255
    stripes[:, 1::2, 2] = 255

    def error(quality: int) -> float:
        decoded = np.asarray(Image.open(io.BytesIO(encode_jpeg(stripes, quality))))
        return float(np.abs(decoded.astype(int) - stripes).mean())

    assert error(95) < error(94) / 3


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        pytest.param((100, 200, 3), (50, 100, 3), id="wide"),
        pytest.param((200, 100, 3), (100, 50, 3), id="tall"),
        pytest.param((2_000, 2, 3), (100, 1, 3), id="thread"),
        pytest.param((30, 40, 3), (30, 40, 3), id="small enough"),
    ],
)
def test_resizing_fits_the_long_side_and_never_enlarges(
    shape: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    assert resize_to_fit(np.zeros(shape, np.uint8), 100).shape == expected


def test_the_size_of_a_tiled_heic_is_that_of_the_whole(tmp_path: Path) -> None:
    pillow_heif.from_pillow(two_halves(1_200, 900)).save(tmp_path / "photo")

    header = read_header(tmp_path / "photo")

    assert header.format == "HEIF"
    assert header.width >= 1_200
    assert header.height >= 900


def read_while(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decode a good picture while the reader meets an error."""
    path = saved(tmp_path, two_halves(), "PNG")

    def fail(_image: Image.Image) -> None:
        raise error

    monkeypatch.setattr(Image.Image, "getexif", fail)
    decode_photo(path)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ENOSPC, errno.ENOENT])
def test_a_device_that_cannot_be_read_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with pytest.raises(OSError, match="device") as caught:
        read_while(OSError(number, "device"), tmp_path, monkeypatch)
    assert caught.value.errno == number


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(OSError("broken data stream"), ImageError, id="found by Pillow"),
        pytest.param(OSError(errno.EINVAL, "seek"), ImageError, id="sent to no place"),
        pytest.param(MemoryError(), ImageMemoryError, id="no memory for Python"),
        pytest.param(OSError(errno.ENOMEM, "no"), ImageMemoryError, id="none by the system"),
        pytest.param(
            RuntimeError("Memory allocation error"), ImageMemoryError, id="none for a library"
        ),
    ],
)
def test_what_a_decoder_meets_becomes_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(decoding, "_decode", fail)
    with pytest.raises(ImageError) as caught:
        decode_photo(saved(tmp_path, two_halves(), "PNG"))
    assert type(caught.value) is expected
