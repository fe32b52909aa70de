"""Which model files are there and right, for the health page and the system checks.

Reads the register and the files; loads no model, so the web process may call it.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from webapp.vision.models.choice import chosen_embedder
from webapp.vision.models.loading import model_tag
from webapp.vision.values import ModelStatus

if TYPE_CHECKING:
    from inference.weights import WeightsRecord

EMOTION_MODEL, PORTRAIT_MODEL = "emotion-residual", "portrait-unet"
"""As their networks call themselves; to ask these would load torch into the web process."""


def models_status() -> list[ModelStatus]:
    """Return every registered model file; hashing is repeated only for a file that changed."""
    from inference.weights import records

    return [_status(record) for record in records().values()]


def missing_models() -> list[str]:
    """Return models that should be here but are missing or incomplete; looks at sizes only."""
    from inference.weights import is_present, records

    return [
        name
        for name, record in records().items()
        if record.origin != "download" and not is_present(record, settings.WEIGHTS_DIR)
    ]


def has_embedder() -> bool:
    """Whether an embedder can be loaded: the chosen one, or any that is shipped."""
    return bool(present_embedder())


def present_embedder() -> str:
    """Return the tag of the embedder that would be loaded, the best whose files are right.

    Empty where there is none.
    """
    from inference.recognition.thresholds import THRESHOLDS

    chosen = chosen_embedder()
    wanted = [chosen] if chosen else THRESHOLDS
    return next(
        (model_tag(name) for name in wanted if has_files_of(name, may_download=bool(chosen))), ""
    )


def present_model(stage: str) -> str:
    """Return the tag of the model that a stage uses, ``emotions`` or ``portrait``; loads none."""
    return model_tag({"emotions": EMOTION_MODEL, "portrait": PORTRAIT_MODEL}[stage])


def has_files_of(embedder: str, *, may_download: bool) -> bool:
    """Whether all files of an embedder are right, and it needs none that had to be fetched."""
    from inference.recognition.thresholds import PARTS
    from inference.weights import records

    parts = PARTS.get(embedder, (embedder,))
    files = [
        record
        for record in records().values()
        if any(record.name == part or record.name.startswith(f"{part}-") for part in parts)
    ]
    is_usable = may_download or all(record.origin != "download" for record in files)
    is_whole = all(part in records() for part in parts)
    return is_whole and is_usable and all(_status(record).is_available for record in files)


def _status(record: "WeightsRecord") -> ModelStatus:
    from inference.errors import WeightsError
    from inference.weights import expected_path

    try:
        path = expected_path(record, settings.WEIGHTS_DIR)
    except WeightsError as error:
        return _answer(record, is_available=False, detail=str(error))
    if not path.is_file():
        missing = "not downloaded" if record.origin == "download" else f"{path.name} is missing"
        return _answer(record, is_available=False, detail=missing)
    about = path.stat()
    trouble = _trouble(record.name, about.st_mtime_ns, about.st_size)
    return _answer(record, is_available=not trouble, detail=trouble or "available")


def _answer(record: "WeightsRecord", *, is_available: bool, detail: str) -> ModelStatus:
    return ModelStatus(
        name=record.name,
        origin=record.origin,
        is_available=is_available,
        detail=detail,
        sha256=record.sha256,
        licence=record.licence,
    )


@lru_cache(maxsize=64)
def _trouble(name: str, modified_ns: int, size: int) -> str:
    """Return what is wrong with a file, empty when nothing is.

    The time and size of the file are part of the key: a replaced file is hashed again.
    """
    from inference.errors import WeightsError
    from inference.weights import locate, record

    try:
        path = locate(record(name), settings.WEIGHTS_DIR)
    except WeightsError:
        return "the file has the wrong hash"
    return "" if path.stat().st_size == size else "the file is changing right now"
