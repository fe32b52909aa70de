"""A moving picture of a real face: as Chromium's fake camera wants it, and as a video file."""

import io
import math
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image, ImageFilter
from skimage import data

SIZE = (640, 360)
FRAMES = 60
HEAD = (60, 0, 400, 340)
"""The head in ``skimage.data.astronaut``, with some air."""


def make_clip(path: Path) -> Path:
    """Write a clip of one woman who moves slowly over a dark stage, four seconds that repeat."""
    with path.open("wb") as file:
        for frame in _frames():
            buffer = io.BytesIO()
            frame.save(buffer, "JPEG", quality=92)
            file.write(buffer.getvalue())
    return path


def make_pair_clip(path: Path) -> Path:
    """Write a clip in which she stands at the right, and somebody like her at the left."""
    with path.open("wb") as file:
        for number, stage in enumerate(_stages()):
            head = Image.fromarray(data.astronaut()).crop(HEAD).resize((200, 200))
            sway = round(10 * math.sin(2 * math.pi * number / FRAMES))
            stage.paste(head.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (20 - sway, 90))
            stage.paste(head, (420 + sway, 60))
            buffer = io.BytesIO()
            stage.save(buffer, "JPEG", quality=92)
            file.write(buffer.getvalue())
    return path


def make_steady_clip(path: Path, rate: int) -> Path:
    """Write the same clip as Y4M, which Chromium plays at its own rate; MJPEG it plays at 30."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (*SIZE, rate))
        for frame in _frames():
            pixels = av.VideoFrame.from_image(frame).reformat(format="yuv420p").to_ndarray()
            file.write(b"FRAME\n" + pixels.tobytes())
    return path


def make_film(path: Path, rounds: int = 4) -> Path:
    """Write the same clip as an MP4 file, so many times over at 15 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for _ in range(rounds):
            for frame in _frames():
                container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode(None))
    return path


def _frames() -> Iterator[Image.Image]:
    head = Image.fromarray(data.astronaut()).crop(HEAD)
    for number, frame in enumerate(_stages()):
        turn = 2 * math.pi * number / FRAMES
        frame.paste(head, (150 + round(70 * math.sin(turn)), 14))
        yield frame


def _stages() -> Iterator[Image.Image]:
    """Yield the dark stage once for every frame."""
    picture = Image.fromarray(data.astronaut()).resize(SIZE)
    stage = picture.filter(ImageFilter.GaussianBlur(24)).point(lambda value: value // 3)
    for _ in range(FRAMES):
        yield stage.copy()


def make_reference(folder: Path, name: str) -> Path:
    """Write the pictures of one person as ``manage.py import_people`` reads them; return where."""
    person = folder / "crew" / name
    person.mkdir(parents=True)
    Image.fromarray(data.astronaut()).save(person / "portrait.jpg", quality=95)
    return folder
