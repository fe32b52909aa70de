"""The models of this process: loaded late, once, behind one lock.

The web process never calls these functions, so it starts in a second and stays small. A worker
loads on its first job, after the fork, because CUDA cannot be used in the child of a process that
has touched it.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from django.conf import settings
from django.utils.translation import gettext

from webapp.vision.models.choice import chosen_embedder
from webapp.vision.values import UnavailableError, UnreadablePhotoError

if TYPE_CHECKING:
    from inference.engine.models import LiveModels
    from inference.pipeline import FacePipeline, PortraitPipeline
    from inference.threads import FittingThreads

logger = logging.getLogger(__name__)

TAG_DIGITS = 8
TAG_SEPARATOR = "@"
STATISTICS = "-statistics"

lock = threading.RLock()
"""Held while a model loads or runs: parts of the pipelines load at their first use."""

_loaded_for = ""
"""Which embedder was wanted when the models were loaded."""

_face_pipeline: "FacePipeline | None" = None
_portrait_pipeline: "PortraitPipeline | None" = None
_live_models: "LiveModels | None" = None
_threads: "FittingThreads | None" = None


def face_pipeline() -> "FacePipeline":
    """Return the face models of this process; seconds on the first call."""
    global _face_pipeline
    with lock:
        fit_threads()
        embedder = _follow_choice()
        if _face_pipeline is None:
            from inference.pipeline import FacePipeline

            detector = cast(Literal["mtcnn", "haar"], settings.DETECTOR)
            _face_pipeline = FacePipeline.load(settings.WEIGHTS_DIR, detector, embedder or None)
        return _face_pipeline


def portrait_pipeline() -> "PortraitPipeline":
    """Return the portrait model of this process; seconds on the first call."""
    global _portrait_pipeline
    with lock:
        fit_threads()
        if _portrait_pipeline is None:
            from inference.pipeline import PortraitPipeline

            _portrait_pipeline = PortraitPipeline.load(settings.WEIGHTS_DIR)
        return _portrait_pipeline


def live_models() -> "LiveModels":
    """Return the models that follow faces from frame to frame; seconds on the first call."""
    global _live_models
    with lock:
        fit_threads()
        embedder = _follow_choice()
        if _live_models is None:
            from inference.engine.models import ShippedModels

            _live_models = ShippedModels(settings.WEIGHTS_DIR, embedder or None)
        return _live_models


def unload() -> None:
    """Forget the models; the next call loads them again."""
    global _face_pipeline, _portrait_pipeline, _live_models, _loaded_for
    with lock:
        _loaded_for = ""
        _live_models = None
        _face_pipeline = None
        _portrait_pipeline = None


def _follow_choice() -> str:
    """Return which embedder is wanted; models that were loaded for another one are let go."""
    global _loaded_for
    wanted = chosen_embedder()
    if wanted != _loaded_for:
        unload()
        _loaded_for = wanted
    return wanted


def fit_threads() -> None:
    """Compute on as many threads as there are processors that nobody else uses just now.

    Looks at most twice a second; who works for longer than that calls it again and again.
    """
    global _threads
    if _threads is None:
        from inference.threads import FittingThreads

        _threads = FittingThreads(settings.VISION_THREADS)
    _threads.fit()


@contextmanager
def plain_errors(feature: str) -> Iterator[None]:
    """Turn the errors of inference into sentences for the user.

    The reason for the log may name files and folders; the user is sent to the health page.

    Raises:
        UnavailableError: A model file is missing or wrong, or a package is not installed.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    from inference.errors import ImageError, WeightsError

    try:
        yield
    except (WeightsError, ImportError) as error:
        logger.error("%s: %s", feature, error)  # noqa: TRY400 - the trace says no more
        raise UnavailableError(
            gettext(
                "%(feature)s is unavailable: a model is missing or damaged. The health page says "
                "which."
            )
            % {"feature": feature}
        ) from error
    except ImageError as error:
        raise UnreadablePhotoError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ModelTags:
    """Tags of the models in use; empty where one is unavailable."""

    embedder: str
    emotion: str
    portrait: str


def model_tags() -> ModelTags:
    """Return which models are in use now; loads what is not loaded yet."""
    return ModelTags(
        embedder=_tag_or_nothing(lambda: face_pipeline().embedder_name),
        emotion=_tag_or_nothing(lambda: face_pipeline().emotion_model),
        portrait=_tag_or_nothing(lambda: portrait_pipeline().model_name),
    )


def _tag_or_nothing(name: Callable[[], str]) -> str:
    with suppress(UnavailableError), lock, plain_errors("A model"):
        return model_tag(name())
    return ""


def model_tag(name: str) -> str:
    """Return a model's name with a digest of the files behind it.

    Two trainings of one network share a name, but their embeddings cannot be compared. Files that
    belong to a model bear its name with something appended. The statistics behind a
    post-processing do not count: embeddings are stored before it.
    """
    from inference.recognition.thresholds import PARTS
    from inference.weights import records

    names = PARTS.get(name, (name,))
    hashes = [
        record.sha256
        for record in records().values()
        if any(record.name == part or record.name.startswith(f"{part}-") for part in names)
        and not record.name.endswith(STATISTICS)
    ]
    if not any(hashes):
        return name
    digest = hashlib.sha256("".join(hashes).encode()).hexdigest()
    return f"{name}{TAG_SEPARATOR}{digest[:TAG_DIGITS]}"


def emotion_labels() -> tuple[str, ...]:
    """Return the names of the emotions in their order; loads no model."""
    from inference.emotion.labels import LABELS

    return tuple(LABELS)


def emotion_words(label: str, probabilities: Mapping[str, float]) -> str:
    """Return an expression in one or two words, "happy" or "happy, surprised"; loads no model."""
    from inference.emotion import words

    return words.emotion_words(label, probabilities)


def usual_weights() -> dict[str, float]:
    """Return how much each term of a moment's score counts for everybody; loads no model."""
    from inference.moments.terms import DEFAULT_WEIGHTS

    return dict(DEFAULT_WEIGHTS)
