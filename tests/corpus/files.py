"""Makers of hostile, broken and unusual photo files, 540 of them from one seed.

Each file says what may become of it: ``good`` must be read, ``bad`` must be refused or fail with a
reason, ``any`` may do either, as long as nothing breaks.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

Expected = Literal["good", "bad", "any"]
KINDS = ("JPEG", "PNG", "WEBP", "HEIF")

pillow_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the corpus.

    Attributes:
        row: Row of the acceptance list that it belongs to.
        label: What it is.
        filename: What the uploader calls it.
        content: Its bytes.
        expected: What may become of it.
    """

    row: str
    label: str
    filename: str
    content: bytes
    expected: Expected


def corpus(seed: int = 20) -> Iterator[Sample]:
    """Yield every sample, in a fixed order."""
    random = np.random.default_rng(seed)
    yield from cut_off(random)
    yield from bombs()
    yield from polyglots(random)
    yield from misnamed(random)
    yield from colour_modes(random)
    yield from metadata(random)
    yield from flipped_bits(random)
    yield from names(random)


def scene(random: np.random.Generator, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A picture with soft shapes and some noise, another one each time."""
    coarse = random.integers(0, 255, (6, 8, 3), np.uint8)
    noise = random.integers(0, 24, (size[1], size[0], 3), np.uint8)
    soft = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray((soft // 2 + noise).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def png(
    width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8, colour: int = 2
) -> bytes:
    """Assemble a PNG from its chunks."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, content in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        parts.append(struct.pack(">I", len(content)) + kind + content)
        parts.append(struct.pack(">I", zlib.crc32(kind + content)))
    return b"".join(parts)


def cut_off(random: np.random.Generator) -> Iterator[Sample]:
    """B1: nothing, one byte, only a header, and files that end too soon."""
    yield Sample("B1", "0 bytes", "a.jpg", b"", "bad")
    yield Sample("B1", "1 byte", "a.jpg", b"\xff", "bad")
    for kind in KINDS:
        whole = encoded(scene(random), kind)
        for share in np.linspace(0.01, 0.97, 29):
            content = whole[: max(2, int(len(whole) * share))]
            # libjpeg fills a missing end in; the last blocks of a JPEG may be a guess.
            expected: Expected = "any" if share > 0.9 else "bad"
            yield Sample(
                "B1", f"{kind} cut at {share:.0%}", f"cut.{kind.lower()}", content, expected
            )
        yield Sample("B1", f"{kind} header only", "a", whole[:16], "bad")


def bombs() -> Iterator[Sample]:
    """B2: small files that would unpack into gigabytes, and formats that are not wanted."""
    yield from _png_bombs()
    yield from _claims_of_size()
    yield from _unwanted_formats()


def _png_bombs() -> Iterator[Sample]:
    for width, height in (
        (30_000, 30_000),
        (65_535, 65_535),
        (1, 60_000),
        (60_000, 1),
        (20_000, 3_000),
        (9_000, 9_000),
        (2**31 - 1, 2**31 - 1),
        (16_001, 10),
    ):
        rows = (b"IDAT", zlib.compress(bytes(80_000), 9))
        yield Sample("B2", f"PNG {width} x {height}", "bomb.png", png(width, height, rows), "bad")
        yield Sample(
            "B2", f"PNG {width} x {height}, header alone", "bomb.png", png(width, height), "bad"
        )
    for count in (1_000, 30_000, 100_000):
        chunks = [(b"tEXt", b"a\0b")] * count
        yield Sample("B2", f"PNG of {count} chunks", "bomb.png", png(8, 8, *chunks), "bad")
    for megabytes in (2, 50, 200):
        text = (b"zTXt", b"a\0\0" + zlib.compress(bytes(megabytes * 1_000_000), 9))
        yield Sample("B2", f"{megabytes} MB of packed text", "bomb.png", png(8, 8, text), "bad")


def _claims_of_size() -> Iterator[Sample]:
    """Headers that promise more pixels than a photo has."""
    extended = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0" * 2 + bytes(20)
    yield Sample("B2", "WebP 16,383 squared", "bomb.webp", extended, "bad")
    yield Sample(
        "B2",
        "WebP lossless 16,384 squared",
        "b.webp",
        b"RIFF\x20\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f" + bytes(30),
        "bad",
    )
    for marker in (b"\xc0", b"\xc1", b"\xc2", b"\xc3"):
        for side in (15_000, 33_000, 65_500):
            frame = b"\xff\xd8\xff" + marker + b"\x00\x11\x08" + struct.pack(">HH", side, side)
            yield Sample(
                "B2", f"JPEG {marker.hex()} {side} squared", "b.jpg", frame + bytes(60), "bad"
            )
    yield Sample(
        "B2", "JPEG of 100,000 segments", "b.jpg", b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000, "bad"
    )


def _unwanted_formats() -> Iterator[Sample]:
    small = Image.new("RGB", (64, 64), "red")
    for kind in ("GIF", "TIFF", "BMP", "ICO", "PPM", "TGA", "PCX", "JPEG2000"):
        yield Sample("B2", f"{kind} called .jpg", "photo.jpg", encoded(small, kind), "bad")
    yield Sample(
        "B2",
        "EPS called .jpg",
        "photo.jpg",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "bad",
    )
    yield Sample(
        "B2", "FITS called .jpg", "photo.jpg", b"SIMPLE  =                    T".ljust(2880), "bad"
    )


def polyglots(random: np.random.Generator) -> Iterator[Sample]:
    """B3: files that are a photo and something else at once."""
    scripts = (
        b"<html><script>alert(1)</script></html>",
        b"<?php system($_GET[0]); ?>",
        b"<svg onload=alert(1)>",
        b"#!/bin/sh\nreboot\n",
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    tails = (*scripts, buffer.getvalue())
    for kind in KINDS:
        for tail in tails:
            content = encoded(scene(random), kind) + tail
            expected: Expected = "any" if kind == "HEIF" else "good"
            yield Sample("B3", f"{kind} followed by {tail[:12]!r}", "p.html.jpg", content, expected)
    for script in scripts:
        comment = encoded(scene(random), "JPEG", comment=script)
        yield Sample("B3", f"JPEG with {script[:12]!r} inside", "p.jpg", comment, "good")
        yield Sample("B3", f"{script[:12]!r} alone", "p.jpg", script, "bad")
    yield Sample("B3", "GIF89a with a script", "p.jpg", b"GIF89a/*" + scripts[0], "bad")
    yield Sample(
        "B3",
        "PDF in front of a JPEG",
        "p.jpg",
        b"%PDF-1.4\n" + encoded(scene(random), "JPEG"),
        "bad",
    )


def misnamed(random: np.random.Generator) -> Iterator[Sample]:
    """B4: names that say something else than the content."""
    filenames = (
        "photo.exe",
        "photo.html",
        "photo.svg",
        "photo.jpg.php",
        "photo",
        "photo.",
        ".jpg",
        "photo.tiff",
        "photo.JPG.",
        "photo.jpg.html",
    )
    for kind in KINDS:
        for filename in filenames:
            yield Sample(
                "B4", f"{kind} called {filename}", filename, encoded(scene(random), kind), "good"
            )


def colour_modes(random: np.random.Generator) -> Iterator[Sample]:
    """B5: every way to store colour, and several pictures in one file."""
    for number in range(4):
        base = scene(random, (200 + number, 150))
        for mode, kind in (
            ("CMYK", "JPEG"),
            ("L", "JPEG"),
            ("RGB", "JPEG"),
            ("P", "PNG"),
            ("1", "PNG"),
            ("LA", "PNG"),
            ("RGBA", "PNG"),
            ("L", "PNG"),
            ("RGBA", "WEBP"),
            ("L", "WEBP"),
            ("RGBA", "HEIF"),
            ("L", "HEIF"),
        ):
            image = base.convert(mode)
            yield Sample("B5", f"{mode} {kind}", f"m.{kind.lower()}", encoded(image, kind), "good")
        palette = base.quantize(32)
        yield Sample(
            "B5",
            "palette with a clear colour",
            "m.png",
            encoded(palette, "PNG", transparency=3),
            "good",
        )
        deep = np.asarray(base.convert("L")).astype(np.uint16) * 257
        yield Sample("B5", "16-bit grey", "m.png", encoded(Image.fromarray(deep), "PNG"), "good")
        yield Sample("B5", "16-bit colour", "m.png", _deep_colour(base), "good")
        yield Sample(
            "B5", "progressive JPEG", "m.jpg", encoded(base, "JPEG", progressive=True), "good"
        )
        yield Sample(
            "B5", "broken profile", "m.jpg", encoded(base, "JPEG", icc_profile=b"ICC?" * 99), "good"
        )
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        yield Sample(
            "B5", "profile of another space", "m.png", encoded(base, "PNG", icc_profile=lab), "good"
        )
        for kind in ("PNG", "WEBP", "HEIF", "MPO"):
            several = encoded(base, kind, save_all=True, append_images=[scene(random, base.size)])
            yield Sample("B5", f"several pictures in {kind}", "m", several, "good")


def metadata(random: np.random.Generator) -> Iterator[Sample]:
    """B6: turned photos, places, scripts in XMP, and EXIF that is broken or very long."""
    place = b'<a exif:GPSLatitude="1"><script>alert(1)</script></a>'
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + place + b"</x:xmpmeta>"
    for kind in KINDS:
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[0x0112], exif[0x010F] = orientation, "<b>Maker</b>"
            exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 30.0, 1.0)})
            content = encoded(scene(random), kind, exif=exif.tobytes(), xmp=xmp)
            yield Sample("B6", f"{kind} turned {orientation}", "t", content, "good")
        broken = b"Exif\0\0II*\0" + random.bytes(300)
        content = encoded(scene(random), "JPEG" if kind == "HEIF" else kind, exif=broken)
        yield Sample("B6", f"{kind} with broken EXIF", "t", content, "any")
    long = Image.Exif()
    long[0x010E] = "x" * 60_000
    yield Sample("B6", "60 kB of EXIF", "t.jpg", encoded(scene(random), "JPEG", exif=long), "good")


def flipped_bits(random: np.random.Generator, count: int = 200) -> Iterator[Sample]:
    """B7: good files with some bits turned over."""
    wholes = {kind: encoded(scene(random), kind) for kind in KINDS}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        content = bytearray(wholes[kind])
        for position in random.integers(0, len(content), 1 + number % 24):
            content[position] ^= 1 << int(random.integers(0, 8))
        yield Sample("B7", f"{kind} mutation {number}", "f", bytes(content), "any")


def names(random: np.random.Generator) -> Iterator[Sample]:
    """B8: names that try to be paths, commands or markup."""
    hostile = (
        "../../x",
        "..\\..\\x",
        "a\0b.jpg",
        "%2e%2e%2fx",
        "x\u202egpj.exe",
        "x" * 300,
        ".htaccess",
        "CON.jpg",
        "🎤.jpg",
        "<img src=x onerror=alert(1)>",
        "",
        " ",
        "/",
        "\\",
        "...",
        "a\r\nSet-Cookie: x=1",
        "'; DROP TABLE photos;--",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "$(reboot).jpg",
        "C:\\x.jpg",
        "\ufeffx.jpg",
        "콘서트.jpg",
        "a/b/c.jpg",
        "x.jpg\x7f",
        "NUL",
        "~root",
        "-rf",
        "\u200b",
        "e\u0301" * 200,
    )
    for filename in hostile:
        yield Sample(
            "B8", f"called {filename[:20]!r}", filename, encoded(scene(random), "JPEG"), "good"
        )


def _deep_colour(image: Image.Image) -> bytes:
    values = np.asarray(image).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    return png(image.width, image.height, (b"IDAT", zlib.compress(rows)), depth=16)
