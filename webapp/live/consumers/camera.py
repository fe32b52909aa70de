"""The websocket of a camera: frames in, labels out."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error
from django.utils.translation import gettext_noop

from webapp.live import queries, services, tokens
from webapp.live.camera.capturing import Capturing
from webapp.live.camera.company import Company
from webapp.live.camera.following import Follower
from webapp.live.camera.limits import FrameRate
from webapp.live.camera.recogniser import Recogniser, recogniser
from webapp.live.camera.stream import CREDITS, CameraStream, engine_state
from webapp.live.consumers.base import (
    CLOSE_REPLACED,
    CLOSE_TOO_MANY,
    CLOSE_TOO_SLOW,
    LiveConsumer,
)
from webapp.live.keeping import Filming, keeper
from webapp.live.messages import (
    MAX_FRAME_BYTES,
    Capture,
    Frame,
    FromCamera,
    Hello,
    MessageError,
    Problem,
    check_picture,
    read_camera,
    read_frame,
    star_of,
)
from webapp.live.models import LiveSession
from webapp.vision.engine.messages import Label, MomentChosen, Taste

logger = logging.getLogger(__name__)

OUTBOX_MESSAGES = 256
"""More unread answers than this belong to a camera that does not read."""
PULSE_SECONDS = 1.0
SEEN_SECONDS = 8.0
"""Between two notes that a camera films; a third of ``services.ON_AIR``."""
USUAL: tuple[Label, ...] = ("names", "emotions")
TOKEN_HEADER = b"authorization"
TOO_FAST = gettext_noop("Frames come faster than the server allows; some are passed over.")


class Letters:
    """Messages on their way to one camera, oldest first.

    Attributes:
        is_full: Whether the camera has left too many unread.
    """

    def __init__(self) -> None:
        self.is_full = False
        self._letters: deque[Mapping[str, Any]] = deque()
        self._bell = asyncio.Event()

    def put(self, message: Mapping[str, Any]) -> None:
        """Leave a message; the first one too many only marks the box as full."""
        if len(self._letters) < OUTBOX_MESSAGES:
            self._letters.append(message)
        else:
            self.is_full = True
        self._bell.set()

    async def take(self) -> Mapping[str, Any]:
        """Wait for the oldest message and remove it."""
        while not self._letters:
            self._bell.clear()
            await self._bell.wait()
        return self._letters.popleft()


class CameraConsumer(LiveConsumer):
    """Takes the frames of one camera; a newer camera of the same session takes its place."""

    _shared: Recogniser
    _owner_id: int | None = None
    _stream: CameraStream | None = None
    _capturing: Capturing | None = None
    _is_source = False
    _frames = 0
    _is_noted = False

    async def may_enter(self, session_id: UUID) -> bool:
        """Admit a signed-in user, or a source with a key for this very session."""
        if await super().may_enter(session_id):
            return True
        headers = dict(self.scope["headers"])
        word, _, token = headers.get(TOKEN_HEADER, b"").decode("latin-1").partition(" ")
        self._is_source = word.lower() == "bearer" and tokens.opens(token, session_id)
        return self._is_source

    async def still_may(self) -> bool:
        """Whether the sign-in holds; for a source, whether its owner may still sign in."""
        if self._is_source:
            is_active = database_sync_to_async(queries.is_owned_by_active_user)
            return bool(await is_active(self.session_id))
        return await super().still_may()

    async def start(self, session: LiveSession) -> None:
        """Take a place, say hello, go on air."""
        self._shared = recogniser()
        self._replace_earlier(session)
        if not self._shared.cameras.take(session.owner_id):
            await self.leave(CLOSE_TOO_MANY)
            return
        self._owner_id = session.owner_id
        self._letters = Letters()
        self._rate = FrameRate(
            settings.LIVE_FRAMES_PER_SECOND,
            settings.LIVE_FRAMES_BURST,
            settings.LIVE_FRAMES_PATIENCE,
        )
        self._has_been_told = False
        taste = await self._begin_capturing(session)
        gallery = await self._shared.begin(session.owner_id)
        engine = self._shared.engine
        # Another may have come while this one waited; of two at once the last to be ready films.
        self._replace_earlier(session)
        # Asked for anew: whoever left meanwhile may have been the last one in the old channel.
        channel = self._shared.broadcast.channel(session.pk)
        self._stream = CameraStream(
            uuid4().hex,
            engine,
            channel,
            self._letters,
            on_moment=self._chosen,
            on_faces=self._capturing.labelled if self._capturing else None,
        )
        hello: Hello = {
            "type": "hello",
            "credits": CREDITS,
            "max_frame_bytes": MAX_FRAME_BYTES,
            "frames_per_second": settings.LIVE_FRAMES_PER_SECOND,
        }
        self._letters.put(hello)
        self._letters.put(engine_state(engine))
        engine.open(self._stream.camera, gallery, self._stream, taste)
        self._shared.broadcast.begin(session.pk, self)
        self._follower = Follower(session.pk, session.owner_id, channel, self._letters)
        own = (self.guard(), self._send_forever(), self._pulse(), self._note_forever())
        beside = Company(session.pk, self._letters)
        for work in (*own, self._follower.work(), beside.work(), *self._capture_forever()):
            self.spawn(work)

    def _replace_earlier(self, session: LiveSession) -> None:
        """Have the camera that films this session leave, if there is one."""
        earlier = self._shared.broadcast.camera(session.pk)
        if earlier is not None:
            earlier.make_way()

    async def _begin_capturing(self, session: LiveSession) -> Taste | None:
        """Ask which moments are wanted; ``None`` when nobody keeps any."""
        keeps = keeper()
        if keeps is None:
            return None
        filming = Filming(session.owner_id, session.pk)
        self._capturing = Capturing(keeps, filming, session.started_at, self.ask)
        return await self._capturing.begin()

    def _capture_forever(self) -> list[Coroutine[Any, Any, None]]:
        if self._capturing is None:
            return []
        capturing = self._capturing
        return [
            capturing.work(),
            capturing.clock.work(self._letters.put),
            capturing.follow_taste(self._follow),
            capturing.store_samples(),
        ]

    def _follow(self, taste: Taste) -> None:
        if self._stream is not None:
            self._shared.engine.set_taste(self._stream.camera, taste)

    def _chosen(self, moment: MomentChosen) -> None:
        """Have a moment kept; the engine's line must not break for one that cannot be."""
        if self._capturing is None:
            return
        try:
            self._capturing.chosen(moment)
        except MessageError as error:
            self._refuse(error, None)

    def make_way(self) -> None:
        """Leave for a newer camera of the same session, which waits for no goodbye."""
        self._end()
        self.spawn(self.leave(CLOSE_REPLACED))

    def ask(self, capture: Capture) -> None:
        """Ask for frames; when this camera has left, whoever films the session by now.

        A page that came back said ``resume`` perhaps before the moment was written. Another page
        does not know the frames and passes over what is repeated.
        """
        camera = self._shared.broadcast.camera(self.session_id)
        if camera is None or camera is self:
            self._letters.put(capture)
        else:
            camera.ask({**capture, "near": [], "is_repeated": True})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take a frame or a wish; what cannot be used is answered and the socket stays."""
        if self._stream is None or self._is_closing:
            return
        try:
            if text_data is not None:
                self._hear(read_camera(text_data))
            else:
                await self._take(read_frame(bytes_data or b""))
        except MessageError as error:
            await self._count_against()
            self._refuse(error, None)

    async def disconnect(self, code: int) -> None:
        """Go off air and free the place."""
        self._end()
        await super().disconnect(code)
        if self._is_noted:
            await self._note(services.note_silence)
        if self._capturing is not None:
            await self._capturing.end()

    async def _take(self, frame: Frame) -> None:
        if self._stream is None:
            return
        if not self._is_source and not self._rate.allows():
            self._stream.drop(frame.number, "too_fast")
            await self._complain()
            return
        try:
            check_picture(frame.image)
        except MessageError as error:
            self._refuse(error, frame.number)
            return
        if self._capturing is not None:
            self._capturing.clock.arrived(frame.captured_at)
        self._frames += 1
        self._stream.take(frame)

    async def _count_against(self) -> None:
        """Let broken messages use up the rate, so that a flood of them ends like one of frames."""
        if not self._rate.allows():
            await self._complain()

    async def _complain(self) -> None:
        if self._rate.is_exhausted:
            await self.leave(CLOSE_TOO_MANY)
        elif not self._has_been_told:
            self._has_been_told = True
            self._refuse(MessageError("too_fast", TOO_FAST), None)

    def _refuse(self, error: MessageError, frame: int | None) -> None:
        problem: Problem = {
            "type": "problem",
            "code": error.code,
            "message": str(error),
            "frame": frame,
        }
        self._letters.put(problem)

    def _hear(self, said: FromCamera) -> None:
        if self._stream is None:
            return
        if said["type"] == "over":
            self._stream.end()
        elif said["type"] == "want":
            wanted: list[Label] = [label for label in USUAL if said.get(label) is not False]
            if said.get("portrait"):
                wanted.append("portrait")
            self._stream.want = tuple(wanted)
        elif said["type"] == "follow":
            self._follower.choose(star_of(said))
        elif self._capturing is not None:
            self._capturing.hear(said)

    async def _send_forever(self) -> None:
        while True:
            await self.tell(await self._letters.take())

    async def _pulse(self) -> None:
        """Do what must happen although no frame comes."""
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            self._has_been_told = False
            if self._letters.is_full:
                await self.leave(CLOSE_TOO_SLOW)
                return
            if self._stream is not None:
                self._stream.lose_overdue()

    async def _note_forever(self) -> None:
        """Write down while frames come that this session is on air, and once that it is not."""
        noted = 0
        while True:
            is_filming, noted = self._frames > noted, self._frames
            if is_filming:
                await self._note(services.note_filming)
            elif self._is_noted:
                await self._note(services.note_silence)
            self._is_noted = is_filming
            await asyncio.sleep(SEEN_SECONDS if is_filming else PULSE_SECONDS)

    async def _note(self, write: Callable[[UUID], None]) -> None:
        """Write it down; a database that is away hears of it the next time."""
        try:
            await database_sync_to_async(write)(self.session_id)
        except Error:
            logger.warning("whether a camera films could not be written")

    def _end(self) -> None:
        if self._owner_id is None:
            return
        if self._stream is not None:
            self._shared.engine.close(self._stream.camera)
            self._stream = None
            self._shared.end(self._owner_id)
            self._shared.broadcast.end(self.session_id, self)
        self._shared.cameras.give_back(self._owner_id)
        self._owner_id = None
