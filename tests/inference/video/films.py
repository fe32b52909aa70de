"""Small films made at test time, good ones and bad ones."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

SIZE = (160, 120)


def picture(number: int, size: tuple[int, int] = SIZE) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture that tells its number by its grey, bright only in its upper left quarter."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = 60 + (number * 8) % 190
    return image


def make_film(
    path: Path,
    seconds: float = 2.0,
    rate: int = 10,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = SIZE,
    times_ms: Sequence[int] | None = None,
    key_every: int = 5,
    between: int = 0,
    **stream: Any,
) -> Path:
    """Write a film whose every frame is another one.

    Args:
        path: Its ending chooses the container.
        seconds: Its length.
        rate: Frames per second.
        codec: FFmpeg's name of the encoder.
        size: Width and height.
        times_ms: When each frame is shown; even steps where not given.
        key_every: Frames from one key frame to the next.
        between: Frames that refer forth and back, between two others.
        stream: More attributes of the stream.
    """
    steps = times_ms or [round(1000 * number / rate) for number in range(int(seconds * rate))]
    with av.open(str(path), "w") as container:
        film = container.add_stream(codec, rate=rate, options={"bf": str(between)})
        film.width, film.height, film.pix_fmt = *size, "yuv420p"
        film.codec_context.time_base = Fraction(1, 1000)
        film.codec_context.gop_size = key_every
        for name, value in stream.items():
            setattr(film, name, value)
        for number, milliseconds in enumerate(steps):
            frame = av.VideoFrame.from_ndarray(picture(number, size), format="rgb24")
            frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
    return path


def make_sound(path: Path) -> Path:
    """Write a second of silence without any picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        for index in range(40):
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut(path: Path, share: float) -> Path:
    """Drop the end of a file, as a lost connection does."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def spoil_middle(path: Path) -> Path:
    """Overwrite a part of the pictures' own bytes with noise."""
    content = bytearray(path.read_bytes())
    begin = content.find(b"mdat") + 4
    length = len(content) // 6
    middle = begin + length
    content[middle : middle + length] = np.random.default_rng(1).bytes(length)
    path.write_bytes(content)
    return path


def turn(path: Path, degrees: int) -> Path:
    """Write the rotation that phones write into an MP4: the matrix of its track header."""
    matrix = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    content = bytearray(path.read_bytes())
    place = content.find(b"tkhd") + 4 + 4 + 5 * 4 + 8 + 8
    cells = (matrix[0], matrix[1], 0, matrix[2], matrix[3], 0)
    for index, cell in enumerate(cells):
        value = (cell << 16) if index % 3 < 2 else 0
        content[place + 4 * index : place + 4 * index + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(content)
    return path


def make_playlist(path: Path, target: Path) -> Path:
    """Write a playlist that names another file, under the name of a video."""
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{target}\n")
    return path


def make_concat_list(path: Path, target: Path) -> Path:
    """Write a list of FFmpeg's concat demuxer."""
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\n")
    return path


def make_picture_file(path: Path) -> Path:
    """Write a photo under the name of a video."""
    Image.fromarray(picture(1)).save(path, "JPEG")
    return path


def make_coloured_film(
    path: Path,
    image: np.ndarray[Any, np.dtype[np.generic]],
    *,
    codec: str = "libx264",
    pixels: str = "yuv444p",
    matrix: int = 6,
    is_full: bool = False,
    marks: tuple[int, int, int] | None = None,
) -> Path:
    """Write a film of one picture without loss.

    Args:
        path: Its ending chooses the container.
        image: ``(H, W, 3)`` RGB of 8 or 16 bits, coded as the marks say.
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the stored format.
        matrix: By which RGB becomes YCbCr; a code point of H.273.
        is_full: Whether black is 0 rather than 16.
        marks: Code points of primaries, curve and matrix to declare; ``None`` declares nothing.
    """
    conversion = {1: Colorspace.ITU709, 6: Colorspace.ITU601, 9: Colorspace.BT2020}[matrix]
    colour_range = ColorRange.JPEG if is_full else ColorRange.MPEG
    options = {"qp": "0"} if codec == "libx264" else {"x265-params": "lossless=1:log-level=none"}
    with av.open(str(path), "w") as container:
        film = container.add_stream(codec, rate=10, options=options)
        film.width, film.height, film.pix_fmt = image.shape[1], image.shape[0], pixels
        if marks is not None:
            film.codec_context.color_primaries, film.codec_context.color_trc = marks[:2]
            film.codec_context.colorspace = marks[2]
        film.codec_context.color_range = colour_range
        depth = "rgb24" if image.dtype == np.uint8 else "rgb48le"
        frame = av.VideoFrame.from_ndarray(image, format=depth).reformat(
            format=pixels,
            dst_colorspace=conversion,
            src_color_range=ColorRange.JPEG,
            dst_color_range=colour_range,
        )
        for number in range(3):
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
    return path
