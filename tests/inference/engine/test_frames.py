import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from inference.engine.frames import ANALYSED_SIDE, FrameRefusedError, decode_frame
from inference.engine.live.engine import LiveEngine
from inference.protocol.wire import MAX_FRAME_BYTES
from inference.types import RGBImage
from tests.inference.engine.fakes import FakeModels, frame, jpeg, picture

RANDOM = np.random.default_rng(5).bytes(5_000)
GOOD = jpeg(picture(("red", 100, 100)))


def encoded(image_format: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, image_format, **options)
    return buffer.getvalue()


def webp_bomb() -> bytes:
    """Claim 16,384 x 16,384 pixels in a lossless WebP of thirty bytes."""
    bits = (16_383 | 16_383 << 14).to_bytes(4, "little")
    body = b"WEBPVP8L" + struct.pack("<I", 10) + b"\x2f" + bits + b"\0" * 5
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_bomb() -> bytes:
    row = zlib.compress(bytes(8_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 9, 9, 8, 2, 0, 0, 0) + row


def claiming(width: int, height: int) -> bytes:
    """Return a JPEG whose header lies about its size."""
    place = GOOD.index(b"\xff\xc0") + 5
    return GOOD[:place] + struct.pack(">HH", height, width) + GOOD[place + 4 :]


BAD_FRAMES = [
    pytest.param(b"", "bad_frame", id="empty"),
    pytest.param(RANDOM, "bad_frame", id="5 kB random"),
    pytest.param(bytes(2_000_000), "too_large", id="2 MB"),
    pytest.param(b'{"type": "frame"}', "bad_frame", id="text"),
    pytest.param(b"\xff\xfe\xc3\x28", "bad_frame", id="bad UTF-8"),
    pytest.param(GOOD[: len(GOOD) // 2], "bad_frame", id="truncated JPEG"),
    pytest.param(GOOD[:20], "bad_frame", id="JPEG header cut off"),
    pytest.param(encoded("WEBP")[:-9], "bad_frame", id="truncated WebP"),
    pytest.param(encoded("JPEG", (4000, 3000)), "too_large", id="12 megapixels"),
    pytest.param(claiming(65_000, 65_000), "too_large", id="JPEG bomb"),
    pytest.param(claiming(0, 10), "bad_frame", id="no width"),
    pytest.param(webp_bomb(), "bad_frame", id="WebP bomb"),
    pytest.param(png_bomb(), "bad_frame", id="PNG bomb"),
    pytest.param(encoded("PNG"), "bad_frame", id="PNG"),
    pytest.param(encoded("GIF"), "bad_frame", id="GIF"),
    pytest.param(encoded("JPEG", progressive=True), "bad_frame", id="progressive JPEG"),
    pytest.param(b"\xff\xd8\xff\xd9", "bad_frame", id="JPEG without a picture"),
    pytest.param(GOOD[:300] + bytes(200) + b"\xff\xd9", "bad_frame", id="JPEG with a hole"),
    pytest.param(b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(30), "bad_frame", id="WebP lies"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_frame", id="SVG"),
]


@pytest.mark.parametrize(("data", "code"), BAD_FRAMES)
def test_a_bad_frame_is_refused_in_words_and_the_next_good_one_is_read(
    data: bytes, code: str
) -> None:
    engine = LiveEngine(FakeModels())
    engine.open((1, "stage"))
    engine.submit(frame(data, number=1))
    ((_, refused),) = engine.step()
    assert refused["type"] == "refused"
    assert (refused["frame"], refused["code"]) == (1, code)
    assert refused["message"].endswith(".")
    engine.submit(frame(GOOD, number=2))
    ((_, result),) = engine.step()
    assert result["type"] == "result"
    assert len(result["faces"]) == 1


def test_ten_thousand_tiny_frames_leave_one_waiting() -> None:
    engine = LiveEngine(FakeModels())
    engine.open((1, "stage"))
    tiny = encoded("JPEG", (1, 1))
    answers = [engine.submit(frame(tiny, number)) for number in range(10_000)]
    assert sum(answer is not None for answer in answers) == 9_999
    assert engine.waiting == 1
    ((_, result),) = engine.step()
    assert result["type"] == "result"
    assert (result["frame"], result["faces"]) == (9_999, [])


def red_and_blue() -> RGBImage:
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :30], image[:, 30:] = (255, 0, 0), (0, 0, 255)
    return image


@pytest.mark.parametrize("image_format", ["JPEG", "WEBP"])
def test_colours_come_out_red_first(image_format: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(red_and_blue()).save(buffer, image_format, quality=95)
    decoded = decode_frame(buffer.getvalue())
    assert decoded.image[20, 10].tolist() == pytest.approx([255, 0, 0], abs=15)
    assert decoded.image[20, 50].tolist() == pytest.approx([0, 0, 255], abs=15)
    assert (decoded.width, decoded.height, decoded.scale) == (60, 40, 1.0)


def test_a_large_frame_is_decoded_small_in_the_same_colours() -> None:
    large = red_and_blue().repeat(50, axis=0).repeat(50, axis=1)
    decoded = decode_frame(jpeg(large))
    assert max(decoded.image.shape[:2]) <= ANALYSED_SIDE
    assert decoded.image[100, 100].tolist() == pytest.approx([255, 0, 0], abs=15)
    assert decoded.scale * decoded.image.shape[1] == pytest.approx(3000)


def test_a_frame_is_not_turned_by_what_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_frame(encoded("JPEG", exif=exif))
    assert decoded.image.shape == (48, 64, 3)


def test_a_frame_of_exactly_the_limit_is_not_too_large() -> None:
    padded = GOOD + bytes(MAX_FRAME_BYTES - len(GOOD))
    assert decode_frame(padded).width == 320
    with pytest.raises(FrameRefusedError):
        decode_frame(padded + b"\0")
