"""Films and animations made of pictures; only workers import this.

The pictures are our own JPEGs, upright and without metadata. A film is H.264 in MP4, which every
browser and phone plays; each picture is shown for a while, slowly nearer to the face, with a name
under it, and fades into the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from inference.errors import VideoError
from inference.video.encoding import add_h264, bt709_frame
from webapp.vision.films.fonts import font_for
from webapp.vision.framing import window_around

FRAME_RATE = 25
SHOT_SECONDS = 2.6
FADE_SECONDS = 0.5
ZOOM = 1.14
"""How much nearer a picture comes while it is shown."""
WIDE, TALL = (1280, 720), (720, 1280)
LOOP_SIDE = 720
LOOP_QUALITY = 82

Size = tuple[int, int]


class CannotFilmError(Exception):
    """No film can be made here; the text says why, for the user."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a film.

    Attributes:
        path: A JPEG.
        name: Large, under the picture; empty for none.
        note: Small, under the name; empty for none.
        face: ``x1, y1, x2, y2`` as shares of width and height; empty where it is not known.
    """

    path: Path
    name: str = ""
    note: str = ""
    face: Sequence[float] = ()


def encode_film(path: Path, shots: Sequence[Shot], tell: Callable[[float], None]) -> None:
    """Write a film of the shots, in their order.

    Args:
        path: Written anew.
        shots: At least one.
        tell: Called after each shot with the share that is done; may raise to stop.

    Raises:
        CannotFilmError: PyAV has no encoder of H.264 here.
    """
    size = film_size([shot.path for shot in shots])
    options = {"movflags": "+faststart"}
    try:
        with av.open(str(path), "w", format="mp4", options=options) as container:
            stream = add_h264(container, size, FRAME_RATE)
            for done, picture in frames(shots, size):
                container.mux(stream.encode(bt709_frame(np.asarray(picture, dtype=np.uint8))))
                if done:
                    tell(done)
            container.mux(stream.encode(None))
    except VideoError as error:
        raise CannotFilmError(str(error)) from error


def film_size(paths: Sequence[Path]) -> Size:
    """Return a tall film for mostly tall pictures, otherwise a wide one."""
    tall = 0
    for path in paths:
        with Image.open(path, formats=("JPEG",)) as image:
            tall += image.height > image.width
    return TALL if 2 * tall > len(paths) else WIDE


def frames(shots: Sequence[Shot], size: Size) -> Iterator[tuple[float, Image.Image]]:
    """Yield every frame of a film, with the share that is done after the last one of a shot."""
    per_shot = round(SHOT_SECONDS * FRAME_RATE)
    fade = round(FADE_SECONDS * FRAME_RATE)
    before: Image.Image | None = None  # The first picture is there at once: it is the cover too.
    for number, shot in enumerate(shots, start=1):
        picture, caption = _prepare(shot.path, size), _caption(shot, size)
        for frame in range(per_shot):
            drawn = _zoomed(picture, size, shot.face, 1 + (ZOOM - 1) * frame / per_shot)
            drawn.paste(caption, (0, 0), caption)
            if frame < fade and before is not None:
                drawn = Image.blend(before, drawn, (frame + 1) / (fade + 1))
            yield (number / len(shots) if frame == per_shot - 1 else 0.0), drawn
        before = drawn
    if before is None:
        return
    black = Image.new("RGB", size)
    for frame in range(fade):
        yield 0.0, Image.blend(before, black, (frame + 1) / fade)


def _prepare(path: Path, size: Size) -> Image.Image:
    """Read a picture no larger than the film can show."""
    with Image.open(path, formats=("JPEG",)) as image:
        scale = max(size[0] / image.width, size[1] / image.height) * ZOOM
        wanted = (round(image.width * scale), round(image.height * scale))
        image.draft("RGB", wanted)
        upright = image.convert("RGB")
    return upright.resize(wanted, Image.Resampling.LANCZOS)


def _zoomed(picture: Image.Image, size: Size, face: Sequence[float], zoom: float) -> Image.Image:
    """Return the part of a picture around a face that fills the film, so many times enlarged."""
    window = window_around(face, picture.width / picture.height, size[0] / size[1], zoom)
    left, top = window.left * picture.width, window.top * picture.height
    right = min(left + window.width * picture.width, picture.width)
    box = (left, top, right, min(top + window.height * picture.height, picture.height))
    return picture.resize(size, Image.Resampling.BILINEAR, box=box)


def _caption(shot: Shot, size: Size) -> Image.Image:
    """Draw name and note over a shadow that rises from the lower edge; clear without a name."""
    layer = Image.new("RGBA", size)
    if not shot.name and not shot.note:
        return layer
    shadow = (
        Image.linear_gradient("L").resize((size[0], size[1] // 3)).point(lambda at: at * 3 // 4)
    )
    layer.paste((8, 8, 12, 255), (0, size[1] - shadow.height), shadow)
    draw = ImageDraw.Draw(layer)
    margin, unit = size[0] // 22, min(size) // 14
    lines = ((shot.note, unit * 9 // 16, (194, 191, 203)), (shot.name, unit, (245, 242, 234)))
    foot = size[1] - margin
    for text, height, colour in lines:
        font = font_for(text, height)
        if not text or font is None:
            continue
        draw.text((margin, foot), text, fill=(*colour, 255), font=font, anchor="ls")
        foot -= height * 3 // 2
    return layer


def caption_strip(text: str, size: Size) -> npt.NDArray[np.uint8]:
    """Return the lower third of a film with a name over its shadow, ``(H, W, 4)`` RGBA uint8.

    Without a text, or a font that can write it, nothing: ``(0, W, 4)``.
    """
    if not text:
        return np.zeros((0, size[0], 4), dtype=np.uint8)
    layer = _caption(Shot(Path(), name=text), size)
    return np.asarray(layer.crop((0, size[1] - size[1] // 3, *size)), dtype=np.uint8)


def encode_loop(path: Path, pictures: Sequence[Path], milliseconds: Sequence[int]) -> None:
    """Write an animated WebP that plays the pictures forth and back.

    Args:
        path: Written anew.
        pictures: JPEGs in the order of time, at least two.
        milliseconds: How long each is shown.
    """
    small = [_small(picture) for picture in pictures]
    small = [one if one.size == small[0].size else one.resize(small[0].size) for one in small]
    there = list(zip(small, milliseconds, strict=True))
    played = there + there[-2:0:-1]
    small[0].save(
        path,
        "WEBP",
        save_all=True,
        append_images=[picture for picture, _ in played[1:]],
        duration=[shown for _, shown in played],
        loop=0,
        quality=LOOP_QUALITY,
        method=3,
    )


def _small(path: Path) -> Image.Image:
    with Image.open(path, formats=("JPEG",)) as image:
        image.draft("RGB", (LOOP_SIDE, LOOP_SIDE))
        upright = image.convert("RGB")
    upright.thumbnail((LOOP_SIDE, LOOP_SIDE), Image.Resampling.LANCZOS)
    return upright
