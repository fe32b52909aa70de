"""Messages out of JSON: what has the written shape comes in as it went out, nothing else does."""

import json
from typing import Any, Literal, NotRequired, TypedDict, get_args, get_type_hints

import pytest

from inference.protocol.messages import FromEngine, ToEngine, read_from_engine, read_to_engine
from inference.protocol.reading import ShapeError, check_of
from inference.protocol.wire import Decoder, encode

WANTED = {"wanted": True, "anyone": False, "weights": {"pose": 0.5}, "favourites": ["7"]}
TO_ENGINE: list[dict[str, Any]] = [
    {"type": "hello", "version": 3, "token": "sesame"},
    {"type": "beat"},
    {"type": "stats"},
    {"type": "open", "camera": "c", "gallery": "g", "taste": WANTED | {"per_minute": 6}},
    {"type": "taste", "camera": "c", "taste": WANTED | {"per_minute": 6}},
    {"type": "over", "camera": "c"},
    {"type": "close", "camera": "한국"},
    {
        "type": "gallery",
        "gallery": "g",
        "revision": 1_796_000_000_000_000,
        "people": [{"person": "1", "name": "Minji"}],
        "dimensions": 512,
        "rows": [0, 0],
        "embedder": "stars",
        "threshold": None,
        "is_learnt": False,
    },
    {"type": "frame", "camera": "c", "frame": 7, "captured_at": 2.5, "want": ["names", "portrait"]},
]
FACE = {
    "track": 1,
    "box": (1.0, 2.0, 3.5, 4.0),
    "score": 0.9,
    "landmarks": [(1.0, 2.0)] * 5,
    "person": None,
    "name": None,
    "similarity": None,
    "is_sure": False,
    "emotion": "happy",
    "emotions": {"happy": 0.9},
    "quality": 0.5,
    "is_seen": True,
}
TIMING = {"queue_ms": 0.1, "decode_ms": 1.0, "detect_ms": 2.0, "total_ms": 3.0}
FROM_ENGINE: list[dict[str, Any]] = [
    {
        "type": "welcome",
        "version": 3,
        "models": {"detector": "mtcnn", "embedder": None, "emotion": "r18"},
        "device": "cpu",
        "missing": ["embedder"],
    },
    {"type": "beat"},
    {
        "type": "result",
        "camera": "c",
        "frame": 7,
        "captured_at": 2.5,
        "width": 640,
        "height": 360,
        "faces": [FACE],
        "timing": TIMING,
        "detected": True,
        "dropped": 0,
        "portrait": {"state": "ready", "width": 2, "height": 1, "runs": "/wE="},
    },
    {
        "type": "moment",
        "camera": "c",
        "key": "k",
        "people": [{"person": "1", "name": "Minji"}],
        "track": 1,
        "emotion": None,
        "emotions": {},
        "peak_at": 66.7,
        "frames": [
            {
                "frame": 7,
                "captured_at": 2.5,
                "score": 0.8,
                "terms": {"pose": 0.3},
                "reason": "happy",
                "box": (1.0, 2.0, 3.5, 4.0),
                "width": 640,
                "height": 360,
            }
        ],
    },
    {"type": "dropped", "camera": "c", "frame": 7},
    {"type": "refused", "camera": None, "frame": None, "code": "busy", "message": "Too many."},
    {
        "type": "stats",
        "cameras": 1,
        "frames": 2,
        "dropped": 0,
        "refused": 0,
        "detections": 1,
        "embeddings": 1,
        "detect_every": 2,
        "busy": 0.5,
        "resident_bytes": 10**9,
        "uptime_seconds": 4.5,
    },
]


def over_the_wire(message: Any) -> dict[str, Any]:
    (arrived,) = Decoder().feed(encode(message))
    return arrived.header


@pytest.mark.parametrize("message", TO_ENGINE, ids=lambda one: one["type"])
def test_what_a_client_says_comes_in_as_it_went_out(message: dict[str, Any]) -> None:
    assert read_to_engine(over_the_wire(message)) == message


@pytest.mark.parametrize("message", FROM_ENGINE, ids=lambda one: one["type"])
def test_what_an_engine_says_comes_in_as_it_went_out(message: dict[str, Any]) -> None:
    assert read_from_engine(over_the_wire(message)) == message


@pytest.mark.parametrize(("union", "said"), [(ToEngine, TO_ENGINE), (FromEngine, FROM_ENGINE)])
def test_every_message_is_tried(union: Any, said: list[dict[str, Any]]) -> None:
    kinds = [get_args(get_type_hints(kind)["type"])[0] for kind in get_args(union)]
    assert sorted(kinds) == sorted(one["type"] for one in said)
    for kind in get_args(union):
        (example,) = [one for one in said if [one["type"]] == list(get_args(kind_tag(kind)))]
        assert set(example) == set(get_type_hints(kind)), "every field is tried"


def kind_tag(kind: Any) -> Any:
    return get_type_hints(kind)["type"]


def test_fields_that_nobody_knows_are_passed_over() -> None:
    assert read_to_engine({"type": "over", "camera": "c", "why": "newer"}) == {
        "type": "over",
        "camera": "c",
    }


FRAME = TO_ENGINE[-1]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        pytest.param({}, "unknown type", id="no type"),
        pytest.param({"type": "dance"}, "unknown type", id="another type"),
        pytest.param({"type": ["frame"]}, "unknown type", id="a list for a type"),
        pytest.param({"type": "over"}, "camera is missing", id="a field is missing"),
        pytest.param({"type": "over", "camera": 5}, "camera must be text", id="number for text"),
        pytest.param(FRAME | {"frame": True}, "frame must be a whole", id="truth for a number"),
        pytest.param(FRAME | {"frame": 1.0}, "frame must be a whole", id="fraction"),
        pytest.param(FRAME | {"frame": 2**60}, "frame must be a whole", id="too large"),
        pytest.param(FRAME | {"captured_at": "now"}, "captured_at must be a number", id="no time"),
        pytest.param(FRAME | {"captured_at": 10**400}, "captured_at must be", id="endless number"),
        pytest.param(FRAME | {"captured_at": float("nan")}, "captured_at must be", id="NaN"),
        pytest.param(FRAME | {"captured_at": float("inf")}, "captured_at must be", id="infinite"),
        pytest.param(FRAME | {"want": "names"}, "want must be a list", id="text for a list"),
        pytest.param(FRAME | {"want": ["age"]}, "want must be one of", id="unknown label"),
        pytest.param(
            {"type": "taste", "camera": "c", "taste": WANTED},
            "taste.per_minute is missing",
            id="a field of a field",
        ),
    ],
)
def test_what_has_another_shape_is_refused_and_the_place_is_told(
    message: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ShapeError, match=sentence):
        read_to_engine(message)


def test_an_engine_is_believed_no_more_than_a_client() -> None:
    result = FROM_ENGINE[2]
    broken = result | {"faces": [FACE | {"box": (1, 2, 3)}]}
    with pytest.raises(ShapeError, match=r"faces\.box must be a list of 4"):
        read_from_engine(json.loads(json.dumps(broken)))


class Odd(TypedDict):
    type: Literal["odd"]
    number: NotRequired[complex]


@pytest.mark.parametrize("kind", [Odd, int | str, set[str]])
def test_a_type_that_json_cannot_carry_is_noticed_by_who_writes_it(kind: Any) -> None:
    with pytest.raises(TypeError, match="a message cannot hold"):
        check_of(kind)
