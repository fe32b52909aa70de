"""Videos are read upright, by their true times, and bad ones are refused with a sentence."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from inference.errors import VideoError
from inference.types import RGBImage
from inference.video import reader as reader_module
from inference.video.headers import demuxer_of
from inference.video.reader import Packet, VideoReader, open_video, read_facts
from tests.inference.video import films


def seconds_of(path: Path) -> list[float]:
    with open_video(path) as reader:
        return [round(reader.seconds_of(tick), 3) for tick, _ in reader.frames()]


@pytest.mark.parametrize(
    ("name", "codec", "demuxer"),
    [
        pytest.param("a.mp4", "libx264", "mov", id="MP4 with H.264"),
        pytest.param("a.mov", "libx264", "mov", id="MOV with H.264"),
        pytest.param("a.mp4", "libx265", "mov", id="MP4 with H.265"),
        pytest.param("a.webm", "libvpx-vp9", "matroska", id="WebM with VP9"),
        pytest.param("a.webm", "libvpx", "matroska", id="WebM with VP8"),
        pytest.param("a.mp4", "mpeg4", "mov", id="MP4 with MPEG-4"),
    ],
)
def test_the_usual_kinds_are_read(tmp_path: Path, name: str, codec: str, demuxer: str) -> None:
    path = films.make_film(tmp_path / name, codec=codec)
    facts = read_facts(path)
    assert demuxer_of(path) == demuxer
    assert (facts.width, facts.height) == films.SIZE
    assert facts.seconds == pytest.approx(2.0, abs=0.15)
    assert len(seconds_of(path)) == 20


def test_a_variable_frame_rate_keeps_its_true_times(tmp_path: Path) -> None:
    times = [0, 40, 80, 700, 740, 1500, 2900]
    path = films.make_film(tmp_path / "a.mp4", times_ms=times)
    assert seconds_of(path) == pytest.approx([time / 1000 for time in times], abs=0.002)


@pytest.mark.parametrize(
    ("degrees", "corner"),
    [
        pytest.param(90, (0, -1), id="turned right: the upper left is now upper right"),
        pytest.param(180, (-1, -1), id="upside down"),
        pytest.param(270, (-1, 0), id="turned left"),
    ],
)
def test_a_phone_held_otherwise_gives_upright_pictures(
    tmp_path: Path, degrees: int, corner: tuple[int, int]
) -> None:
    path = films.turn(films.make_film(tmp_path / "a.mp4"), degrees)
    width, height = films.SIZE if degrees == 180 else films.SIZE[::-1]
    with open_video(path) as reader:
        _, frame = next(reader.frames())
        image = reader.upright(frame)
        assert reader.upright_size(frame) == (width, height)
    assert image.shape == (height, width, 3)
    corners = {(y, x): int(image[y, x].mean()) for y in (0, -1) for x in (0, -1)}
    assert max(corners, key=lambda place: corners[place]) == corner
    assert (read_facts(path).width, read_facts(path).height) == (width, height)


def test_frames_are_found_again_by_their_ticks(tmp_path: Path) -> None:
    path = films.make_film(tmp_path / "a.mp4", seconds=8, key_every=25)
    with open_video(path) as reader:
        every = {tick: reader.upright(frame) for tick, frame in reader.frames()}
    ticks = sorted(every)
    wanted = [ticks[70], ticks[3], ticks[4], ticks[70], 999_999_999]
    with open_video(path) as reader:
        found = [(tick, reader.upright(frame)) for tick, frame in reader.frames_at(wanted)]
    assert [tick for tick, _ in found] == [ticks[3], ticks[4], ticks[70]]
    assert all(np.array_equal(image, every[tick]) for tick, image in found)


def test_a_later_part_begins_no_later_than_asked(tmp_path: Path) -> None:
    path = films.make_film(tmp_path / "a.mp4", seconds=8, key_every=25)
    with open_video(path) as reader:
        tick, _ = next(reader.frames(from_seconds=4.0))
        assert 2.0 < reader.seconds_of(tick) <= 4.0


def group_of_quarter(seconds: float) -> int | None:
    """Quarters of a second from the first whole one on."""
    return int(4 * seconds + 1e-6) if seconds >= 1 else None


MADE_OF_OTHERS = [
    pytest.param("a.mp4", "libx264", id="H.264"),
    pytest.param("a.mp4", "libx265", id="H.265"),
    pytest.param("a.mp4", "mpeg4", id="MPEG-4"),
    pytest.param("a.webm", "libvpx-vp9", id="VP9, which knows none"),
]


@pytest.mark.parametrize(("name", "codec"), MADE_OF_OTHERS)
@pytest.mark.parametrize("from_seconds", [0.0, 2.1])
def test_the_first_frames_are_the_same_as_when_every_frame_is_decoded(
    tmp_path: Path, name: str, codec: str, from_seconds: float
) -> None:
    path = films.make_film(tmp_path / name, 3, 20, codec=codec, between=3, key_every=20)
    expected: dict[int, tuple[int, RGBImage]] = {}
    with open_video(path) as reader:
        for tick, frame in reader.frames(from_seconds):
            group = group_of_quarter(reader.seconds_of(tick))
            if group is not None:
                expected.setdefault(group, (tick, reader.upright(frame)))
    with open_video(path) as reader:
        found = [
            (tick, reader.upright(frame))
            for tick, frame in reader.first_frames(group_of_quarter, from_seconds)
        ]
    assert [tick for tick, _ in found] == [tick for tick, _ in expected.values()]
    assert all(map(np.array_equal, (one for _, one in found), (o for _, o in expected.values())))
    assert len(found) >= 4


@pytest.mark.parametrize(("name", "codec"), MADE_OF_OTHERS[:3])
def test_pictures_to_which_nobody_refers_are_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str
) -> None:
    path = films.make_film(tmp_path / name, 3, 20, codec=codec, between=3, key_every=20)
    decoded: list[int] = []
    decode = VideoReader._decoded

    def counting(reader: VideoReader, packet: Packet) -> Iterator[tuple[int, VideoFrame]]:
        for tick, frame in decode(reader, packet):
            decoded.append(tick)
            yield tick, frame

    monkeypatch.setattr(VideoReader, "_decoded", counting)
    with open_video(path) as reader:
        list(reader.first_frames(group_of_quarter))
    assert len(decoded) < 45  # of 60


def test_a_first_frame_that_is_lost_is_replaced_by_the_next_of_its_group(tmp_path: Path) -> None:
    path = films.spoil_middle(films.make_film(tmp_path / "a.mp4", 12, 10, between=2))
    with open_video(path) as reader:
        groups = [
            group_of_quarter(reader.seconds_of(tick))
            for tick, _ in reader.first_frames(group_of_quarter)
        ]
        assert reader.faults > 0
    assert len(groups) == len(set(groups)) > 20


def test_large_pictures_are_scaled_down_and_never_up(tmp_path: Path) -> None:
    with open_video(films.make_film(tmp_path / "a.mp4")) as reader:
        _, frame = next(reader.frames())
        assert reader.upright(frame, longest_side=80).shape == (60, 80, 3)
        assert reader.upright(frame, longest_side=4000).shape == (120, 160, 3)


def test_a_length_that_is_not_told_is_measured(tmp_path: Path) -> None:
    path = films.make_film(tmp_path / "a.webm", codec="libvpx")
    content = path.read_bytes()
    place = content.find(b"\x44\x89")  # The EBML element "Duration"; 0xEC makes it void.
    assert place > 0
    path.write_bytes(content[:place] + b"\xec\x89" + content[place + 2 :])
    assert read_facts(path).seconds == pytest.approx(2.0, abs=0.2)


BAD: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "truncated before its index": ("incomplete", lambda p: films.cut(films.make_film(p), 0.5)),
    "sound only": ("only sound", films.make_sound),
    "a photo": ("no video", films.make_picture_file),
    "empty": ("no video", lambda p: (p.write_bytes(b""), p)[1]),
    "noise": ("no video", lambda p: (p.write_bytes(bytes(range(256)) * 64), p)[1]),
    "a header and nothing else": (
        "incomplete",
        lambda p: (p.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(12)), p)[1],
    ),
    "no frames": ("no picture", lambda p: films.make_film(p, times_ms=[0]) and hollow(p)),
}


def hollow(path: Path) -> Path:
    """Zero the bytes of all pictures, leaving the index."""
    content = bytearray(path.read_bytes())
    begin = content.find(b"mdat") + 4
    end = content.find(b"moov") - 4
    content[begin:end] = bytes(end - begin)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_video_is_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    words, make = BAD[kind]
    with pytest.raises(VideoError) as refused:
        read_facts(make(tmp_path / "a.mp4"))
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("make", [films.make_playlist, films.make_concat_list])
@pytest.mark.parametrize("name", ["a.mp4", "a.m3u8", "a.webm"])
def test_a_playlist_in_disguise_opens_no_other_file(
    tmp_path: Path, make: Callable[[Path, Path], Path], name: str
) -> None:
    secret = films.make_film(tmp_path / "secret.mp4")
    with pytest.raises(VideoError, match="no video"):
        read_facts(make(tmp_path / name, secret))


def test_what_cannot_be_decoded_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = films.make_film(tmp_path / "a.mp4", seconds=12, key_every=10)
    films.spoil_middle(path)
    seconds = seconds_of(path)
    assert 0 < len(seconds) <= 120
    assert seconds[0] == 0
    assert seconds[-1] == pytest.approx(11.9, abs=0.2)


def test_a_picture_beyond_8k_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = films.make_film(tmp_path / "a.mp4")
    monkeypatch.setattr("inference.video.reader.MAX_SIDE", 100)
    with pytest.raises(VideoError, match="160 x 120"):
        read_facts(path)


def test_a_format_that_is_not_taken_is_refused_by_name(tmp_path: Path) -> None:
    path = films.make_film(tmp_path / "a.mkv", codec="ffv1")
    with pytest.raises(VideoError, match=r"H\.264"):
        read_facts(path)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({"creation_time": "2024-05-21T10:30:00.000000Z"}, "10:30", id="UTC"),
        pytest.param(
            {
                "com.apple.quicktime.creationdate": "2024-05-21T19:30:00+0900",
                "creation_time": "2024-05-21T19:30:00.000000Z",
            },
            "10:30",
            id="a zone counts more",
        ),
        pytest.param({"creation_time": "1904-01-01T00:00:00.000000Z"}, "", id="never set"),
        pytest.param({"creation_time": "9999-12-31T23:59:59Z"}, "", id="beyond reason"),
        pytest.param({"com.apple.quicktime.creationdate": "yesterday"}, "", id="no date"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_when_a_film_was_recorded_is_told_in_utc(told: dict[str, str], expected: str) -> None:
    moment = reader_module._recorded_at(told)

    assert (f"{moment:%H:%M}" if moment else "") == expected
