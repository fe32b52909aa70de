"""What the web process and the inference process say to each other about live frames.

A client says ``hello`` first, then everything else of ``ToEngine`` in any order. Cameras and
galleries belong to the connection and end with it. Every frame gets exactly one answer: ``result``,
``dropped`` or ``refused``. A ``moment`` comes without being asked for, about 1.5 s after it
happened, or when its stream is over. What does not have the shape that is written here goes no
further than the door (``reading.py``); fields that are not written here are passed over.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast

from inference.protocol.reading import check_of

RefusalCode = Literal[
    "bad_frame", "too_large", "not_open", "bad_gallery", "bad_message", "busy", "unknown_client"
]
Label = Literal["names", "emotions", "portrait"]
"""``portrait`` is sent only where it is asked for."""


class Hello(TypedDict):
    """Client: begins a connection; ``token`` opens the door of an engine that asks for one."""

    type: Literal["hello"]
    version: int
    token: NotRequired[str]


class Beat(TypedDict):
    """Both, once a second between machines: still there. Nobody answers it."""

    type: Literal["beat"]


class AskStats(TypedDict):
    """Client: what happened so far?"""

    type: Literal["stats"]


class Taste(TypedDict):
    """Which moments a camera is to look for.

    ``wanted`` false: no face is scored. ``anyone``: faces without a name count too. ``weights``:
    term to weight at least 0; a missing term has its usual weight. ``favourites``: ids of people
    with a larger quota and a small bonus. ``per_minute``: moments of one star in a minute.
    """

    wanted: bool
    anyone: bool
    weights: dict[str, float]
    favourites: list[str]
    per_minute: int


class OpenCamera(TypedDict):
    """Client: a stream of frames begins; its faces are named from one gallery.

    Without a ``taste`` no moments are looked for.
    """

    type: Literal["open"]
    camera: str
    gallery: NotRequired[str]
    taste: NotRequired[Taste]


class ChangeTaste(TypedDict):
    """Client: other moments are wanted of an open camera from now on."""

    type: Literal["taste"]
    camera: str
    taste: Taste


class CameraOver(TypedDict):
    """Client: no frame will follow; once the last one was read, undecided moments are told.

    The camera stays open. Frames that follow all the same are read as ever.
    """

    type: Literal["over"]
    camera: str


class CloseCamera(TypedDict):
    """Client: the stream has ended; its tracks are forgotten at once."""

    type: Literal["close"]
    camera: str


class GalleryPerson(TypedDict):
    """Somebody who can be named."""

    person: str
    name: str


class GalleryUpdate(TypedDict):
    """Client: who can be named; the payload is ``(R, D)`` float32, little-endian, unit rows.

    They are raw, as the embedder made them; the engine makes them comparable, as it does the faces
    it sees: with ``is_learnt`` by mean ``(D,)`` and matrix ``(D, D)``, float32 as well, with which
    the payload then begins, else by the embedder's own. ``rows`` holds for each row the index of
    its person. A revision not above the one that is held changes nothing. Without ``threshold`` the
    embedder's own counts.
    """

    type: Literal["gallery"]
    gallery: str
    revision: int
    people: list[GalleryPerson]
    dimensions: int
    rows: list[int]
    embedder: str
    threshold: NotRequired[float | None]
    is_learnt: NotRequired[bool]


class FrameMessage(TypedDict):
    """Client: one picture, JPEG or WebP, as payload; ``captured_at`` in ms of its own clock."""

    type: Literal["frame"]
    camera: str
    frame: int
    captured_at: float
    want: NotRequired[list[Label]]


class Models(TypedDict):
    """Which model does what; ``None`` where it is missing."""

    detector: str | None
    embedder: str | None
    emotion: str | None


class Welcome(TypedDict):
    """Engine: answers ``hello``; ``missing`` names the parts that cannot work."""

    type: Literal["welcome"]
    version: int
    models: Models
    device: str
    missing: list[str]


class LiveFace(TypedDict):
    """One face of one frame, in pixels of the frame.

    ``person`` and ``name`` are ``None`` for somebody unknown; where they are not, ``is_sure`` tells
    whether the name is a statement or a question. ``emotion`` is ``None`` while nothing
    is sure; ``emotions`` is ``None`` where they are not wanted or cannot be read. ``is_seen`` is
    false where the place is foretold, because the face is hidden for a moment.
    """

    track: int
    box: tuple[float, float, float, float]
    score: float
    landmarks: list[tuple[float, float]]
    person: str | None
    name: str | None
    similarity: float | None
    is_sure: bool
    emotion: str | None
    emotions: dict[str, float] | None
    quality: float
    is_seen: bool


class Timing(TypedDict):
    """Where the time went; ``total_ms`` runs from the frame's arrival to its result."""

    queue_ms: float
    decode_ms: float
    detect_ms: float
    total_ms: float


class PortraitMask(TypedDict):
    """Who stands out of a frame, as a small soft mask over all of it.

    ``runs`` is base64 of pairs of bytes, row by row from the upper left: opacity (0 to 255) and how
    many pixels have it (1 to 255). It is empty unless ``state`` is ``ready``: ``loading`` passes by
    itself, ``missing`` has no network, and with ``slow`` a mask would come less than once a second.
    """

    state: Literal["ready", "loading", "missing", "slow"]
    width: int
    height: int
    runs: str


class Result(TypedDict):
    """Engine: what a frame shows. ``dropped`` counts the camera's replaced frames so far."""

    type: Literal["result"]
    camera: str
    frame: int
    captured_at: float
    width: int
    height: int
    faces: list[LiveFace]
    timing: Timing
    detected: bool
    dropped: int
    portrait: NotRequired[PortraitMask]


class MomentFrame(TypedDict):
    """One frame of a moment, as its publisher numbers and times it.

    ``score`` and every term are 0 to 1; ``reason`` says in words why it is good. ``box`` is the
    face, or all faces of a group, in pixels of the frame as it was sent.
    """

    frame: int
    captured_at: float
    score: float
    terms: dict[str, float]
    reason: str
    box: tuple[float, float, float, float]
    width: int
    height: int


class MomentChosen(TypedDict):
    """Engine: an instant worth keeping; ``key`` is its own, so that it is stored once.

    ``people`` is empty for somebody unknown and has several entries for a group. ``frames`` holds
    the chosen frame and up to four alternates, best first. ``peak_at`` is when it was best, in ms
    of the publisher's clock: where few frames come through, it lies between two of them, and a
    publisher that kept frames in between has a better one than it sent.
    """

    type: Literal["moment"]
    camera: str
    key: str
    people: list[GalleryPerson]
    track: int
    emotion: str | None
    emotions: dict[str, float]
    peak_at: float
    frames: list[MomentFrame]


class Dropped(TypedDict):
    """Engine: a newer frame of the same camera replaced this one before it was read."""

    type: Literal["dropped"]
    camera: str
    frame: int


class Refused(TypedDict):
    """Engine: something cannot be used; ``message`` is a sentence for the user."""

    type: Literal["refused"]
    camera: str | None
    frame: int | None
    code: RefusalCode
    message: str


class Stats(TypedDict):
    """Engine: answers ``stats``; the counts run since the engine started."""

    type: Literal["stats"]
    cameras: int
    frames: int
    dropped: int
    refused: int
    detections: int
    embeddings: int
    detect_every: int
    busy: float
    resident_bytes: int
    uptime_seconds: float


ToEngine: TypeAlias = (
    Hello
    | Beat
    | AskStats
    | OpenCamera
    | ChangeTaste
    | CameraOver
    | CloseCamera
    | GalleryUpdate
    | FrameMessage
)
FromEngine: TypeAlias = Welcome | Beat | Result | MomentChosen | Dropped | Refused | Stats
Answer: TypeAlias = Result | Dropped | Refused
"""What a frame gets."""

Header: TypeAlias = ToEngine | FromEngine


def read_to_engine(header: dict[str, Any]) -> ToEngine:
    """Return what a client said; raises ``ShapeError`` where it is none of the messages."""
    return cast(ToEngine, check_of(ToEngine)(header))


def read_from_engine(header: dict[str, Any]) -> FromEngine:
    """Return what an engine said; raises ``ShapeError`` where it is none of the messages."""
    return cast(FromEngine, check_of(FromEngine)(header))
