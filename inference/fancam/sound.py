"""The sound of a part of a film, on the clock of its pictures, as AAC is fed with it."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from inference.video.headers import demuxer_of

RATE = 48_000
PIECE = 1024
"""Samples of one AAC frame."""
SLACK = RATE // 50
"""A hole or an overlap shorter than this is only rounding of time stamps."""
BIT_RATE = 192_000
CODECS = frozenset(
    {"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "flac", "ac3", "alac"}
)
_ERRORS = (av.FFmpegError, ValueError, OSError)

Samples = npt.NDArray[np.float32]
"""``(2, N)`` stereo, -1 to 1, ``RATE`` a second."""


class SoundTrack:
    """Writes the sound of a film beside its pictures, as far as they have come.

    Args:
        container: That is being written.
        source: The film.
        origin: Absolute time of the film's first picture in its file, in seconds; sound often
            begins a little earlier or later.
        start: First second of the part; ``stop`` its end.
    """

    def __init__(
        self, container: OutputContainer, source: Path, origin: float, start: float, stop: float
    ) -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = BIT_RATE
        self._pieces = _pieces(source, origin, start, stop)
        self._left = np.zeros((2, 0), dtype=np.float32)
        self._written = 0
        self._total = round((stop - start) * RATE)

    def write_until(self, seconds: float) -> None:
        """Write what belongs to the pictures up to a time since the start of the part."""
        wanted = min(self._total, round(seconds * RATE))
        while self._written + self._left.shape[1] < wanted:
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._append(*piece)
        self._flush()

    def close(self, seconds: float) -> None:
        """Write the rest, up to the end of the pictures."""
        self._total = min(self._total, round(seconds * RATE))
        self.write_until(seconds)
        self._left = self._left[:, : max(0, self._total - self._written)]
        self._flush(is_last=True)
        self._container.mux(self._stream.encode(None))

    def _append(self, place: int, samples: Samples) -> None:
        """Put samples where they belong: a hole is silence, what overlaps was heard already."""
        hole = place - (self._written + self._left.shape[1])
        if hole > SLACK:
            self._left = np.concatenate([self._left, np.zeros((2, hole), np.float32)], axis=1)
        elif hole < -SLACK:
            samples = samples[:, -hole:]
        self._left = np.concatenate([self._left, samples], axis=1)

    def _flush(self, *, is_last: bool = False) -> None:
        while self._left.shape[1] >= (1 if is_last else PIECE):
            piece, self._left = self._left[:, :PIECE], self._left[:, PIECE:]
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(piece), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts = RATE, self._written
            frame.time_base = Fraction(1, RATE)
            self._written += piece.shape[1]
            self._container.mux(self._stream.encode(frame))


def has_sound(source: Path) -> bool:
    """Whether a film has sound that can be decoded here."""
    with suppress(*_ERRORS), _open(source) as container:
        return _stream_of(container) is not None
    return False


def _open(source: Path) -> "av.container.InputContainer":
    return av.open(
        str(source),
        format=demuxer_of(source),
        options={"protocol_whitelist": "file"},
        metadata_errors="replace",
    )


def _stream_of(container: "av.container.InputContainer") -> AudioStream | None:
    streams = [one for one in container.streams.audio if one.codec_context is not None]
    return next(
        (
            one
            for one in streams
            if one.codec_context.name in CODECS or one.codec_context.name.startswith("pcm_")
        ),
        None,
    )


def _pieces(
    source: Path, origin: float, start: float, stop: float
) -> Iterator[tuple[int, Samples]]:
    """Yield samples with their place since the start; what cannot be decoded is left out."""
    with _open(source) as container:
        stream = _stream_of(container)
        if stream is None or stream.time_base is None:
            return
        resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
        with suppress(*_ERRORS):
            wanted = max(0.0, origin + start - 0.2)
            container.seek(int(wanted / stream.time_base), stream=stream)
        total = round((stop - start) * RATE)
        for frame in _decoded(container, stream):
            for one in resampler.resample(frame):
                if one.pts is None or one.time_base is None:
                    continue
                place = round((float(one.pts * one.time_base) - origin - start) * RATE)
                samples = np.asarray(one.to_ndarray(), dtype=np.float32)
                if place >= total:
                    return
                first, last = max(0, -place), min(samples.shape[1], total - place)
                if last > first:
                    yield place + first, samples[:, first:last]


def _decoded(container: "av.container.InputContainer", stream: AudioStream) -> Iterator[AudioFrame]:
    with suppress(*_ERRORS):
        for packet in container.demux(stream):
            with suppress(*_ERRORS):
                yield from (one for one in packet.decode() if isinstance(one, AudioFrame))
