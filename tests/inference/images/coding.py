"""The way into each coding, written after the standards and apart from the code under test."""

import numpy as np
from numpy.typing import NDArray

PATCHES = np.array([(255, 255, 255), (118, 118, 118), (200, 30, 30), (224, 172, 140)])
"""sRGB, one column each."""
FROM_SRGB = {
    "sRGB": np.eye(3),
    # ITU-R BT.2087, table 1.
    "BT.2020": np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    ),
    # SMPTE EG 432-1 with the white of sRGB.
    "P3": np.array([[0.8225, 0.1774, 0.0000], [0.0332, 0.9669, 0.0000], [0.0171, 0.0724, 0.9108]]),
    # Adobe RGB (1998), 4.3.1.1.
    "Adobe RGB": np.array(
        [[0.7152, 0.2848, 0.0000], [0.0000, 1.0000, 0.0000], [0.0000, 0.0412, 0.9588]]
    ),
}


def linear(srgb: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def srgb_curve(light: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def pq_curve(light: NDArray[np.floating]) -> NDArray[np.floating]:
    power = (light * 203 / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg_curve(light: NDArray[np.floating]) -> NDArray[np.floating]:
    nits = light * 203
    luma = nits @ np.array([0.2627, 0.6780, 0.0593])
    scene = nits / 1000 * (luma[:, None] / 1000) ** (-0.2 / 1.2)
    bent = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bent)


CURVES = {"sRGB": srgb_curve, "PQ": pq_curve, "HLG": hlg_curve, "2.2": lambda x: x ** (1 / 2.2)}


def coded_columns(primaries: str, curve: str, largest: int) -> NDArray[np.generic]:
    """Return ``(64, 256, 3)`` with the patches as columns, coded, 0 to ``largest``."""
    light = np.maximum(linear(PATCHES / 255) @ FROM_SRGB[primaries].T, 0)
    # The tables are rounded: white may come out a little above the largest code, and would wrap.
    codes = np.clip(np.round(CURVES[curve](light) * largest), 0, largest)
    kind = np.uint8 if largest == 255 else np.uint16
    return np.repeat(np.repeat(codes[None].astype(kind), 64, axis=1), 64, axis=0)


def differences(image: NDArray[np.uint8]) -> NDArray[np.int_]:
    """Return how far the middle of each column is from its sRGB patch, in levels of 255."""
    height, width = image.shape[:2]
    shown = image[height // 2, width // 8 :: width // 4]
    return np.abs(shown.astype(int) - PATCHES).max(axis=1)
