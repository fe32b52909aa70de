"""Devices and number formats."""

import os
import subprocess
import sys

import pytest
import torch

from inference import device


def test_a_device_is_always_found() -> None:
    assert device.pick_device().type in {"cpu", "cuda"}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param({"avx2", "avx512f"}, torch.float32, id="no bf16 arithmetic"),
        pytest.param({"avx512_bf16"}, torch.bfloat16, id="AVX512-BF16"),
        pytest.param({"amx_bf16"}, torch.bfloat16, id="AMX"),
        pytest.param(set(), torch.float32, id="unknown processor"),
    ],
)
def test_bf16_needs_a_processor_that_computes_in_it(
    monkeypatch: pytest.MonkeyPatch, flags: set[str], expected: torch.dtype
) -> None:
    monkeypatch.setattr(device, "_cpu_flags", lambda: frozenset(flags))
    assert device.inference_dtype(torch.device("cpu")) == expected


def test_a_process_keeps_to_its_threads() -> None:
    before = torch.get_num_threads()
    try:
        device.bound_threads(1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_no_thread_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        device.bound_threads(0)


@pytest.mark.parametrize(
    ("set_before", "expected"),
    [
        pytest.param({}, "PASSIVE", id="by default"),
        pytest.param({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE", id="whoever knows better decides"),
    ],
)
def test_waiting_threads_leave_the_processor_to_others(
    set_before: dict[str, str], expected: str
) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    code = "import inference, os; print(os.environ['OMP_WAIT_POLICY'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | set_before,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected
