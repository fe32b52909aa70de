"""Coded colours become 8-bit sRGB: transfer curves and primaries by what a file declares of them.

Films and HEIC files name both by the code points of ITU-T H.273, PNG in ``cICP`` too. High dynamic
range (PQ of SMPTE ST 2084, HLG of ITU-R BT.2100) is brought down so that diffuse white, 203 cd/m2
by ITU-R BT.2408, becomes white; what shines brighter is white as well. A grey or a face keeps the
value that it would have in an ordinary photo.

The curves are tables, made once for each process.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inference.types import RGBImage

Curve: TypeAlias = Literal["srgb", "pq", "hlg"] | float
"""How light is coded; a number is the exponent of a power law."""
Chromaticities: TypeAlias = tuple[float, float, float, float, float, float, float, float]
"""``x`` and ``y`` of white, red, green and blue, as PNG orders them."""

_D65 = (0.3127, 0.3290)
SRGB_PRIMARIES: Chromaticities = (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
BT2020_PRIMARIES: Chromaticities = (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)
P3_PRIMARIES: Chromaticities = (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
DCI_P3_PRIMARIES: Chromaticities = (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE_RGB_PRIMARIES: Chromaticities = (*_D65, 0.640, 0.330, 0.210, 0.710, 0.150, 0.060)
ADOBE_RGB_GAMMA = 563 / 256

# H.273 table 2. The primaries of standard-definition television (5, 6, 7) are not here: what
# telephones mark so comes from the same sensors as what they mark BT.709, which sRGB shares.
_PRIMARIES = {9: BT2020_PRIMARIES, 11: DCI_P3_PRIMARIES, 12: P3_PRIMARIES}
# H.273 table 3. The camera curves of BT.709, BT.601 and BT.2020 are shown as sRGB everywhere.
_CURVES: dict[int, Curve] = {4: 2.2, 5: 2.8, 8: 1.0, 16: "pq", 18: "hlg"}

_WHITE_NITS = 203.0
_HLG_PEAK_NITS = 1000.0
_HLG_GAMMA = 1.2
_BT2020_LUMA = (0.2627, 0.6780, 0.0593)
_LEVELS = 65_536
_STEPS = 16_384
_STRIP_PIXELS = 1 << 15
"""Worked on at a time, so that the steps between stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class ColourCoding:
    """How colours are coded where it is not sRGB."""

    primaries: Chromaticities
    curve: Curve

    @property
    def is_srgb(self) -> bool:
        """Whether nothing has to be done."""
        return self.curve == "srgb" and self.has_srgb_primaries

    @property
    def has_srgb_primaries(self) -> bool:
        """Whether its red, green, blue and white are those of sRGB, but for rounding."""
        return np.allclose(self.primaries, SRGB_PRIMARIES, atol=2e-3)


SRGB = ColourCoding(SRGB_PRIMARIES, "srgb")


def coding_of(primaries: int, transfer: int) -> ColourCoding:
    """Return what two code points of H.273 mean; unknown and unspecified ones mean sRGB."""
    return ColourCoding(_PRIMARIES.get(primaries, SRGB_PRIMARIES), _CURVES.get(transfer, "srgb"))


def are_sane(chromaticities: Chromaticities) -> bool:
    """Whether these numbers can be a white and three primaries around it."""
    if not all(0 < value < 1 for value in chromaticities):
        return False
    try:
        matrix = _to_xyz(chromaticities)
    except np.linalg.LinAlgError:
        return False
    return bool((matrix[1] > 0.001).all())  # White lies within the triangle: all give it light.


def to_srgb_pixels(
    pixels: NDArray[np.uint8] | NDArray[np.uint16], coding: ColourCoding
) -> RGBImage:
    """Convert coded RGB to sRGB, strip by strip.

    Args:
        pixels: ``(H, W, 3)``, 0 to the largest value of its type (full range).
        coding: How they are coded.

    Returns:
        ``(H, W, 3)`` uint8 RGB, a new array.
    """
    converted = np.empty(pixels.shape, np.uint8)
    rows = max(1, _STRIP_PIXELS // max(1, pixels.shape[1]))
    for top in range(0, len(pixels), rows):
        strip = pixels[top : top + rows].astype(np.uint16)
        if pixels.dtype == np.uint8:
            strip *= 257
        converted[top : top + rows] = _converted(strip, coding)
    return converted


def _converted(codes: NDArray[np.uint16], coding: ColourCoding) -> NDArray[np.uint8]:
    """Convert ``(H, W, 3)`` codes, one colour after the other, as numpy is fastest at that."""
    planes = _light_table(coding.curve)[np.moveaxis(codes, 2, 0)]
    if coding.curve == "hlg":
        _apply_hlg_system_gamma(planes)
    if not coding.has_srgb_primaries:
        planes = np.stack([_mixed(row, planes) for row in _to_srgb_matrix(coding.primaries)])
    np.clip(planes, 0.0, 1.0, out=planes)
    planes *= np.float32(_STEPS - 1)
    planes += np.float32(0.5)
    return np.moveaxis(_srgb_table()[planes.astype(np.uint16)], 0, 2)


def _apply_hlg_system_gamma(planes: NDArray[np.float32]) -> None:
    """Turn the light of the scene into that of a display of 1,000 cd/m2 (BT.2100, table 5)."""
    gain = _mixed(np.array(_BT2020_LUMA, np.float32), planes)
    np.power(gain, np.float32(_HLG_GAMMA - 1.0), out=gain)
    gain *= np.float32(_HLG_PEAK_NITS / _WHITE_NITS)
    planes *= gain


def _mixed(shares: NDArray[np.float32], planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up three planes by their shares."""
    mixed: NDArray[np.float32] = planes[0] * shares[0]
    for share, plane in zip(shares[1:], planes[1:], strict=True):
        mixed += share * plane
    return mixed


@cache
def _light_table(curve: Curve) -> NDArray[np.float32]:
    """Return the light of each of 65,536 codes; 1 is diffuse white, for HLG its peak."""
    code = np.arange(_LEVELS) / (_LEVELS - 1)
    if curve == "pq":
        light = _pq_nits(code) / _WHITE_NITS
    elif curve == "hlg":
        light = _hlg_scene_light(code)
    elif curve == "srgb":
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    else:
        light = code**curve
    table: NDArray[np.float32] = light.astype(np.float32)
    return table


def _pq_nits(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of PQ codes in cd/m2 (SMPTE ST 2084)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = code ** (1 / m2)
    light: NDArray[np.float64] = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _hlg_scene_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of the scene for HLG codes, 0 to 1 (ITU-R BT.2100)."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    light: NDArray[np.float64] = np.where(
        code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12
    )
    return light


@cache
def _srgb_table() -> NDArray[np.uint8]:
    """Return the sRGB values of light from 0 to 1, in steps that tell the darkest two apart."""
    light = np.arange(_STEPS) / (_STEPS - 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * coded).astype(np.uint8)


@cache
def _to_srgb_matrix(primaries: Chromaticities) -> NDArray[np.float32]:
    """Return the ``(3, 3)`` matrix from linear light in these primaries to linear sRGB."""
    matrix = np.linalg.inv(_to_xyz(SRGB_PRIMARIES)) @ _adapted(primaries) @ _to_xyz(primaries)
    return matrix.astype(np.float32)


def _to_xyz(primaries: Chromaticities) -> NDArray[np.float64]:
    """Return the matrix from linear light to CIE XYZ, white having Y = 1."""
    white, *colours = (_xyz(x, y) for x, y in zip(primaries[::2], primaries[1::2], strict=True))
    columns = np.stack(colours, axis=1)
    scaled: NDArray[np.float64] = columns * np.linalg.solve(columns, white)
    return scaled


def _adapted(primaries: Chromaticities) -> NDArray[np.float64]:
    """Return the Bradford adaptation from the white of these primaries to D65."""
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    source, target = bradford @ _xyz(*primaries[:2]), bradford @ _xyz(*_D65)
    adapted: NDArray[np.float64] = np.linalg.inv(bradford) @ np.diag(target / source) @ bradford
    return adapted


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])
