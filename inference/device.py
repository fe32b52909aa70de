"""Where networks run: processor or graphics card, in which number format, on how many threads."""

from functools import lru_cache
from pathlib import Path

import torch


@lru_cache(maxsize=1)
def pick_device() -> torch.device:
    """Return the first CUDA card, or the processor where there is none.

    Call it after a fork, never before: CUDA cannot be used in a child of a process that has
    touched it.
    """
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def bound_threads(count: int) -> None:
    """Limit this process to ``count`` computing threads.

    Several workers share one machine; torch would give each of them all cores.

    Raises:
        ValueError: ``count`` is below 1.
    """
    if count < 1:
        raise ValueError(f"a process needs at least one thread, not {count}")
    torch.set_num_threads(count)


def inference_dtype(device: torch.device) -> torch.dtype:
    """Return the number format in which large networks run fastest on a device.

    bfloat16 on cards that compute in it, float16 on older ones; on processors bfloat16 only with
    AVX512-BF16 or AMX, because elsewhere it is emulated and slower than float32. Small networks
    lose more by the conversions than they gain, so each model decides whether to follow.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and _cpu_flags() & {"avx512_bf16", "amx_bf16"}:
        return torch.bfloat16
    return torch.float32


@lru_cache(maxsize=1)
def _cpu_flags() -> frozenset[str]:
    """Return the processor's feature flags as Linux tells them; empty on other systems."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return frozenset()
    for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("flags"):
            return frozenset(line.partition(":")[2].split())
    return frozenset()
