"""System checks (``manage.py check``, and before each command): models, folders, broker.

A missing model or a silent broker is a warning: Encore starts without them, says so and does the
rest. Hashing every model takes a second or more, so it happens only with ``check --deploy``.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from webapp.core.jobs import wakeups
from webapp.core.web.proxies import ADVICE
from webapp.vision.models.status import missing_models, models_status

FOLDERS = ("DATA_DIR", "MEDIA_ROOT", "SCRATCH_DIR", "QUEUE_DIR", "WEIGHTS_DIR")


@register("encore")
def check_models(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn of model files that are missing or have another size than registered."""
    return [
        Warning(
            f"The model {name} is missing or incomplete; what needs it is unavailable.",
            hint="Restore inference/weights/ from the repository and run make install again.",
            id="encore.W001",
        )
        for name in missing_models()
    ]


@register("encore", deploy=True)
def check_model_hashes(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Read every model file whole and report those that are not the registered ones."""
    return [
        Error(f"The model {model.name} cannot be used: {model.detail}.", id="encore.E002")
        for model in models_status()
        if not model.is_available and model.origin != "download"
    ]


@register("encore")
def check_folders(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Report folders that cannot be written to, or that other accounts may enter."""
    return [
        message
        for name in FOLDERS
        if (message := _folder_trouble(name, Path(getattr(settings, name)))) is not None
    ]


@register("encore")
def check_broker(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn of a Redis that does not answer; work then waits for the sweep."""
    trouble = wakeups.trouble()
    if not trouble:
        return []
    return [
        Warning(
            f"Wake-ups cannot be sent: {trouble}. New photos wait until this works again.",
            hint="Start Redis, or correct ENCORE_REDIS_URL." if settings.REDIS_URL else None,
            id="encore.W004",
        )
    ]


@register("encore")
def check_engines(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Report engines that cannot be called, and settings of the time when Redis carried frames."""
    if settings.ENGINES and not (settings.ENGINE_TOKEN or settings.ENGINE_CERTIFICATE):
        return [
            Error(
                "ENCORE_ENGINES is set, but nothing that proves who we are.",
                hint="Set ENCORE_ENGINE_TOKEN, or ENCORE_ENGINE_CERTIFICATE and ENCORE_ENGINE_KEY.",
                id="encore.E007",
            )
        ]
    if settings.REDIS_URL and not settings.LIVE_ENGINE and not settings.ENGINES:
        return [
            Warning(
                "No inference process is started here and none is listed, so live pictures may "
                "have no names: ENCORE_REDIS_URL carries them no more.",
                hint="List inference processes of other machines in ENCORE_ENGINES.",
                id="encore.W007",
            )
        ]
    return []


@register("encore")
def check_proxies(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn of a proxy, which https needs, whose word about addresses is not believed."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "ENCORE_HTTPS is set, but no proxy is trusted: all visitors count as one address.",
            hint=ADVICE,
            id="encore.W006",
        )
    ]


def _folder_trouble(name: str, path: Path) -> CheckMessage | None:
    if not path.is_dir():
        return Error(f"{path} ({name}) does not exist.", id="encore.E003")
    if not os.access(path, os.W_OK | os.X_OK):
        return Error(
            f"{path} ({name}) cannot be written to.",
            hint="Give it to the account that runs Encore, or set ENCORE_DATA_DIR.",
            id="encore.E003",
        )
    if path.stat().st_mode & 0o077:
        return Warning(
            f"Other accounts of this machine may enter {path} ({name}).",
            hint="Run chmod 700 on it; a file system without permissions cannot keep photos apart.",
            id="encore.W005",
        )
    return None
