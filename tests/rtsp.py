"""A small RTSP camera for tests: real H.264 within the connection, and faults on demand."""

import base64
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction

import av
import numpy as np

PAYLOAD = 1300
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Stage\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track\r\n"
)


def film_of(width: int = 320, height: int = 240) -> Iterator[list[bytes]]:
    """Yield the NAL units of one picture after the other, for ever; every fifth is whole."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    encoder.options = {"tune": "zerolatency", "preset": "ultrafast", "g": "5", "threads": "1"}
    number = 0
    while True:
        shade = np.full((height, width, 3), 40 + number % 150, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, format="rgb24")
        frame.pts = number
        for packet in encoder.encode(frame):
            yield [unit for unit in re.split(rb"\x00\x00\x00?\x01", bytes(packet)) if unit]
        number += 1


def packets_of(units: list[bytes], sequence: int, timestamp: int) -> list[bytes]:
    """Wrap the units of one picture into RTP packets (RFC 6184)."""
    pieces = []
    for unit in units:
        if len(unit) <= PAYLOAD:
            pieces.append(unit)
            continue
        indicator, kind, rest = unit[0] & 0xE0 | 28, unit[0] & 0x1F, unit[1:]
        for start in range(0, len(rest), PAYLOAD):
            ends = 0x40 if start + PAYLOAD >= len(rest) else 0
            head = bytes((indicator, kind | (0x80 if start == 0 else 0) | ends))
            pieces.append(head + rest[start : start + PAYLOAD])
    packets = []
    for offset, piece in enumerate(pieces):
        marker = 0x80 if offset == len(pieces) - 1 else 0
        counted = (sequence + offset) & 0xFFFF
        packets.append(
            struct.pack(">BBHII", 0x80, 96 | marker, counted, timestamp & 0xFFFFFFFF, 7) + piece
        )
    return packets


class RtspCamera:
    """Listens on 127.0.0.1 and sends pictures to whoever asks rightly.

    Attributes:
        let_in: ``name:password`` that it asks for; empty for everybody.
        elsewhere: Where it sends whoever asks, instead of a picture.
        pictures: After how many it breaks off, of each connection.
        rate: Pictures a second.
        came: How many connections there were.
    """

    def __init__(self, port: int = 0) -> None:
        self.let_in = ""
        self.elsewhere = ""
        self.pictures = 1_000_000
        self.rate = 25.0
        self.came = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/stage"

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.came += 1
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(10)
        with line, suppress(OSError), line.makefile("rb") as asked:
            while request := asked.readline().decode():
                method = request.split()[0]
                heads = {}
                while (head := asked.readline().decode().strip()) != "":
                    name, _, value = head.partition(":")
                    heads[name.lower()] = value.strip()
                line.sendall(self._answer(method, heads))
                if method == "PLAY":
                    self._send_pictures(line)
                    return

    def _answer(self, method: str, heads: dict[str, str]) -> bytes:
        status, more, body = "200 OK", "", ""
        let_in = "Basic " + base64.b64encode(self.let_in.encode()).decode()
        if self.elsewhere and method == "DESCRIBE":
            status, more = "302 Found", f"Location: {self.elsewhere}\r\n"
        elif self.let_in and heads.get("authorization") != let_in:
            status, more = "401 Unauthorized", 'WWW-Authenticate: Basic realm="stage"\r\n'
        elif method == "DESCRIBE":
            body = SDP
            more = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        return f"RTSP/1.0 {status}\r\nCSeq: {heads.get('cseq')}\r\n{more}\r\n{body}".encode()

    def _send_pictures(self, line: socket.socket) -> None:
        sequence = 0
        for number, units in enumerate(film_of()):
            if self._ended.is_set() or number >= self.pictures:
                return
            for packet in packets_of(units, sequence, 3600 * number):
                line.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
            time.sleep(1 / self.rate)


@contextmanager
def rtsp_camera(port: int = 0) -> Iterator[RtspCamera]:
    """Run a camera until the block ends."""
    camera = RtspCamera(port)
    try:
        yield camera
    finally:
        camera.close()
