"""Nothing in a film's file says where it was made, and every picture of it stays."""

import struct
from pathlib import Path

import av
import pytest

from inference.errors import VideoError
from inference.places.videos import blank_places
from inference.video.reader import open_video, read_facts
from tests.inference.places import places
from tests.inference.places.test_photos import secrets_in
from tests.inference.video.films import make_film


def pictures(path: Path) -> list[bytes]:
    with open_video(path) as reader:
        return [reader.upright(frame).tobytes() for _, frame in reader.frames()]


@pytest.mark.parametrize("where", places.user_data())
def test_no_place_is_left_in_a_film(tmp_path: Path, where: str) -> None:
    path = make_film(tmp_path / "film.mov", seconds=0.5)
    shown = pictures(path)
    path.write_bytes(places.with_user_data(path.read_bytes(), places.user_data()[where]))
    size = path.stat().st_size
    assert secrets_in(path.read_bytes())

    assert blank_places(path)

    assert secrets_in(path.read_bytes()) == []
    assert path.stat().st_size == size
    assert pictures(path) == shown


def test_the_date_of_a_film_stays(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mov", seconds=0.5)
    data = places.user_data()["keys of QuickTime"]
    path.write_bytes(places.with_user_data(path.read_bytes(), data))

    assert blank_places(path)

    assert b"2024-02-21T19:30:00+0900" in path.read_bytes()
    with av.open(str(path)) as container:
        assert container.metadata["com.apple.quicktime.creationdate"] == "2024-02-21T19:30:00+0900"


def test_boxes_beside_the_film_are_blanked(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.5)
    shown = pictures(path)
    tail = places.box(b"uuid", bytes(16), places.XMP) + places.box(b"free", places.ISO6709)
    path.write_bytes(path.read_bytes() + tail + places.box(b"GPS ", places.ISO6709))

    assert blank_places(path)

    assert secrets_in(path.read_bytes()) == []
    assert pictures(path) == shown


def test_the_way_that_a_camera_took_is_blanked(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.5)
    shown = pictures(path)
    path.write_bytes(with_track(path.read_bytes(), places.ISO6709))
    assert secrets_in(path.read_bytes())

    assert blank_places(path)

    assert secrets_in(path.read_bytes()) == []
    assert pictures(path) == shown


def with_track(film: bytes, sample: bytes) -> bytes:
    """Add a metadata track whose two samples lie behind the film."""
    at = film.index(b"moov") - 4
    film = film[:at] + places.box(b"mdat", sample, sample) + film[at:]
    first = at + 8
    table = places.box(
        b"stbl",
        places.box(b"stsd", bytes(4), struct.pack(">I", 1), places.box(b"gpmd", bytes(8))),
        places.box(b"stts", bytes(4), struct.pack(">III", 1, 2, 1)),
        places.box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, 1, 1)),
        places.box(b"stsz", bytes(4), struct.pack(">II", len(sample), 2)),
        places.box(b"stco", bytes(4), struct.pack(">III", 2, first, first + len(sample))),
    )
    handler = places.box(b"hdlr", bytes(8), b"meta", bytes(13))
    media = places.box(b"mdia", handler, places.box(b"minf", table))
    number = struct.pack(">I", 9)
    head = places.box(b"tkhd", bytes(12), number, bytes(68))
    track = places.box(b"trak", head, media)
    at = film.index(b"moov") - 4
    return film[:at] + places.box(b"moov", film[at + 8 :], track)


def test_the_way_is_blanked_in_a_film_of_fragments_too(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.5)
    film = with_track(path.read_bytes(), b"anything")
    path.write_bytes(film + fragment(9, places.ISO6709) + fragment(8, b"of another track"))

    assert blank_places(path)

    assert secrets_in(path.read_bytes()) == []
    assert b"of another track" in path.read_bytes()


def fragment(track: int, sample: bytes) -> bytes:
    """A fragment of two samples, as recorders write that may be cut off at any time."""
    head = places.box(b"tfhd", struct.pack(">II", 0x020000, track))
    length = 8 + 8 + len(head) + 8 + 8 + 4 + 2 * 8
    run = struct.pack(">IIi4I", 0x301, 2, length + 8, 1, len(sample), 1, len(sample))
    moof = places.box(b"moof", places.box(b"traf", head, places.box(b"trun", run)))
    assert len(moof) == length
    return moof + places.box(b"mdat", sample, sample)


def test_tags_of_webm_are_blanked(tmp_path: Path) -> None:
    path = tmp_path / "film.webm"
    source = make_film(tmp_path / "plain.webm", seconds=0.5, codec="libvpx")
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        new.metadata["location"] = places.ISO6709.decode()
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    assert secrets_in(path.read_bytes())
    shown = pictures(path)

    assert blank_places(path)

    assert secrets_in(path.read_bytes()) == []
    assert pictures(path) == shown


def test_a_film_without_a_place_stays_as_it_is(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.5)
    blank_places(path)
    before = path.read_bytes()

    assert not blank_places(path)
    assert path.read_bytes() == before


def test_a_film_that_breaks_off_keeps_its_pictures(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=2, key_every=1)
    content = path.read_bytes()
    at = content.index(b"moov") - 4
    media = content.index(b"mdat") - 4
    moved = content[:media] + content[at:] + content[media:at]  # As recorders for the web write.
    path.write_bytes(moved[:-200])

    blank_places(path)

    assert path.read_bytes()[-1000:] == moved[:-200][-1000:]


def test_a_film_whose_head_is_packed_is_refused(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.5)
    path.write_bytes(path.read_bytes().replace(b"mvhd", b"cmov"))

    with pytest.raises(VideoError, match="cannot be told apart"):
        blank_places(path)


def test_the_film_of_the_cases_loses_its_place(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "cases" / "loc_mdta.mov"
    if not source.exists():
        pytest.skip("no cases/loc_mdta.mov in the evaluation data")
    path = tmp_path / "film.mov"
    path.write_bytes(source.read_bytes())

    assert blank_places(path)

    assert b"37.5154" not in path.read_bytes()
    assert read_facts(path).seconds > 0
