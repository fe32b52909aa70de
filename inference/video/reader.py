"""One video file as upright pictures with their true times.

Times are those of the file, so a variable frame rate stays what it was. A frame is named by its
*tick*: its presentation time since the beginning in the stream's own time base. A tick is exact,
the same on every reading, and can be sought for.

Meant for a process with limits: decoders are large programs fed by strangers.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from inference.errors import VideoError
from inference.images.exif import is_in_reason
from inference.types import RGBImage
from inference.video.colour import srgb_pixels
from inference.video.geometry import orientation_of
from inference.video.headers import demuxer_of

MAX_PIXELS = 36_000_000
MAX_SIDE = 8192
CODECS = frozenset(
    {"h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "mjpeg"}
)
THREADS = 2
PROBE_PACKETS = 500
UNSET_YEAR = 1990
"""A recorder that was never told the time says a year up to this one, such as 1970 or 1980."""
"""A file of whose first packets none gives a picture is taken to have none."""
MAX_FAULTS = 5000
"""Packets that cannot be decoded, after which a file is given up."""
NEAR_SECONDS = 2.0
"""Wanted frames closer than this are reached by decoding on rather than by seeking."""
REORDERED = 32
"""A packet's picture is shown within so many packets; H.264 and H.265 allow 16."""

NO_VIDEO = "The file holds no video."
ONLY_SOUND = "The file holds only sound and no video."
DAMAGED = "The video is incomplete or damaged: it cannot be opened. Upload the original file again."
NO_PICTURES = "The video holds no picture that can be decoded."
UNKNOWN_CODEC = (
    "The video is in a format that cannot be decoded here. Save it as H.264, H.265, VP9 or AV1."
)
_FFMPEG_ERRORS = (av.FFmpegError, ValueError, OSError)

Packet: TypeAlias = "av.Packet[VideoStream]"
GroupOf: TypeAlias = Callable[[float], int | None]
"""To which group of frames a time in seconds belongs; ``None`` for one that nobody wants."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video after opening it.

    Attributes:
        width: Of the upright picture in pixels; ``height`` likewise.
        seconds: How long it says it is; where it does not say, how far its packets reach.
        recorded_at: When the recording began, by the recorder's word; ``None`` when unknown.
    """

    width: int
    height: int
    seconds: float
    recorded_at: datetime | None


@dataclass(eq=False)
class VideoReader:
    """One open video; made by :func:`open_video`.

    Attributes:
        faults: Packets that could not be decoded and were passed over.
    """

    container: InputContainer
    stream: VideoStream
    faults: int = 0
    _start: int = field(init=False)

    def __post_init__(self) -> None:
        self._start = self.stream.start_time or 0

    def seconds_of(self, tick: int) -> float:
        """Return a tick as seconds since the beginning."""
        return float(tick * self._time_base)

    def frames(self, from_seconds: float = 0.0) -> Iterator[tuple[int, VideoFrame]]:
        """Yield frames with their ticks, beginning at a key frame at or before a time.

        What cannot be decoded is passed over; a file that breaks off just ends there.
        """
        yield from self._frames_from(int(from_seconds / self._time_base))

    def first_frames(
        self, group_of: GroupOf, from_seconds: float = 0.0
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Yield the first frame of each group with its tick, rising in time.

        Pictures in between to which no other refers, about half of a film with B-frames, are not
        decoded. What is yielded is the same to the bit as if all of them had been.

        Args:
            group_of: Tells frames apart; groups lie one after the other in time.
            from_seconds: No group begins before the key frame at or before this.
        """
        codec, known = self.stream.codec_context, None
        packets = self._packets_from(int(from_seconds / self._time_base))
        for packet, is_first in self._told_apart(packets, group_of):
            codec.skip_frame = "DEFAULT" if is_first else "NONREF"
            for tick, frame in self._decoded(packet):
                group = group_of(self.seconds_of(tick))
                if group is not None and group != known:
                    known = group
                    yield tick, frame

    def frames_at(self, ticks: Sequence[int]) -> Iterator[tuple[int, VideoFrame]]:
        """Yield the frames of exactly these ticks, in the order of time; missing ones are not."""
        for cluster in self._clusters(sorted(set(ticks))):
            for tick, frame in self._frames_from(cluster[0]):
                if tick in cluster:
                    yield tick, frame
                if tick >= cluster[-1]:
                    break

    def last_second(self) -> float:
        """Return how far the packets reach, without decoding them."""
        ends = [
            packet.pts + (packet.duration or 0)
            for packet in self._packets()
            if packet.pts is not None
        ]
        return self.seconds_of(max(ends, default=self._start) - self._start)

    def upright(self, frame: VideoFrame, longest_side: int = 0) -> RGBImage:
        """Return a frame turned and mirrored as the recorder meant it, with square pixels in sRGB.

        Args:
            frame: As it was decoded.
            longest_side: Scale down to this many pixels; 0 keeps the size.

        Returns:
            ``(H, W, 3)`` uint8 RGB.
        """
        check_size(frame.width, frame.height)
        width, height = self._square(frame)
        scale = min(1.0, longest_side / max(width, height)) if longest_side else 1.0
        size = max(2, round(width * scale)), max(2, round(height * scale))
        return orientation_of(frame).upright(srgb_pixels(frame, size))

    def upright_size(self, frame: VideoFrame) -> tuple[int, int]:
        """Return width and height of the upright frame in full size."""
        width, height = self._square(frame)
        return (height, width) if orientation_of(frame).lies_on_its_side else (width, height)

    @property
    def _time_base(self) -> Fraction:
        return self.stream.time_base or Fraction(1, 1000)

    def _square(self, frame: VideoFrame) -> tuple[int, int]:
        aspect = float(self.stream.sample_aspect_ratio or 1)
        is_sane = 0.2 < aspect < 5
        return (round(frame.width * aspect) if is_sane else frame.width), frame.height

    def _clusters(self, ticks: Sequence[int]) -> list[list[int]]:
        near = int(NEAR_SECONDS / self._time_base)
        clusters: list[list[int]] = []
        for tick in ticks:
            if clusters and tick - clusters[-1][-1] <= near:
                clusters[-1].append(tick)
            else:
                clusters.append([tick])
        return clusters

    def _told_apart(
        self, packets: Iterator[Packet], group_of: GroupOf
    ) -> Iterator[tuple[Packet, bool]]:
        """Yield packets in their order, and whether each holds the first picture of a group.

        One that does not say when it is shown may.
        """
        first: dict[int, int] = {}
        waiting: deque[tuple[Packet, int | None]] = deque()

        def taken() -> tuple[Packet, bool]:
            packet, group = waiting.popleft()
            return packet, packet.pts is None or (group is not None and first[group] == packet.pts)

        for packet in packets:
            group = None
            if packet.pts is not None:
                group = group_of(self.seconds_of(packet.pts - self._start))
                if group is not None:
                    first[group] = min(first.get(group, packet.pts), packet.pts)
            waiting.append((packet, group))
            if len(waiting) > REORDERED:
                yield taken()
        while waiting:
            yield taken()

    def _frames_from(self, tick: int) -> Iterator[tuple[int, VideoFrame]]:
        for packet in self._packets_from(tick):
            yield from self._decoded(packet)

    def _decoded(self, packet: Packet) -> Iterator[tuple[int, VideoFrame]]:
        """Yield the frames that a packet completes; one that cannot be decoded gives none."""
        try:
            decoded = packet.decode()
        except _FFMPEG_ERRORS:
            self.faults += 1
            return
        for frame in decoded:
            if isinstance(frame, VideoFrame) and frame.pts is not None:
                yield frame.pts - self._start, frame

    def _packets_from(self, tick: int) -> Iterator[Packet]:
        """Yield packets from a key frame at or before a tick, until too many are at fault."""
        with suppress(*_FFMPEG_ERRORS):
            self.container.seek(tick + self._start, stream=self.stream)
        for packet in self._packets():
            if self.faults > MAX_FAULTS:
                return
            yield packet

    def _packets(self) -> Iterator[Packet]:
        with suppress(*_FFMPEG_ERRORS):
            yield from self.container.demux(self.stream)


@contextmanager
def open_video(path: Path) -> Iterator[VideoReader]:
    """Open a file by the one demuxer that its content calls for.

    Raises:
        VideoError: It cannot be opened, holds no video, or one that is too large or unknown.
    """
    demuxer = demuxer_of(path)
    try:
        container = av.open(
            str(path),
            format=demuxer,
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except _FFMPEG_ERRORS as error:
        raise VideoError(DAMAGED) from error
    with container:
        yield VideoReader(container, _stream_of(container))


def read_facts(path: Path) -> VideoFacts:
    """Open a video and decode its first picture.

    Raises:
        VideoError: There is none.
    """
    with open_video(path) as reader:
        first = next(_first_frames(reader), None)
        if first is None:
            raise VideoError(NO_PICTURES)
        width, height = reader.upright_size(first)
        seconds = float((reader.stream.duration or 0) * (reader.stream.time_base or 0))
        seconds = seconds or (reader.container.duration or 0) / 1_000_000
        recorded_at = _recorded_at(reader.container.metadata)
    if seconds <= 0:
        with open_video(path) as reader:
            seconds = reader.last_second()
    return VideoFacts(width, height, seconds, recorded_at)


def check_size(width: int, height: int) -> None:
    """Refuse pictures too large to be decoded; raises ``VideoError``."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise VideoError(
            f"The video has {width} x {height} pixels; up to {MAX_SIDE} x 4320 can be read."
        )


def _stream_of(container: InputContainer) -> VideoStream:
    """Return the first stream that is a film and not a cover picture."""
    films = [one for one in container.streams.video if not is_cover(one)]
    if not films:
        raise VideoError(ONLY_SOUND if container.streams.audio else NO_VIDEO)
    stream = films[0]
    codec = stream.codec_context
    if codec is None or codec.name not in CODECS:
        raise VideoError(UNKNOWN_CODEC)
    check_size(codec.width, codec.height)
    codec.thread_type = "AUTO"
    codec.thread_count = THREADS
    return stream


def is_cover(stream: VideoStream) -> bool:
    """Tell whether a stream is only the picture of a song."""
    return bool(stream.disposition & Disposition.attached_pic)


def _first_frames(reader: VideoReader) -> Iterator[VideoFrame]:
    for index, packet in enumerate(reader.container.demux(reader.stream)):
        if index > PROBE_PACKETS:
            return
        with suppress(*_FFMPEG_ERRORS):
            yield from (one for one in packet.decode() if isinstance(one, VideoFrame))


def _recorded_at(metadata: Mapping[str, str]) -> datetime | None:
    """Read when a recorder began; one whose clock was never set says nothing.

    Phones write the time with its zone into a key of QuickTime. The older field of the header is
    UTC by its definition, and that is how it is read.
    """
    for key in ("com.apple.quicktime.creationdate", "creation_time"):
        try:
            moment = datetime.fromisoformat(metadata.get(key, ""))
        except ValueError:
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if is_in_reason(moment) and moment.year > UNSET_YEAR:
            return moment.astimezone(UTC)
    return None
