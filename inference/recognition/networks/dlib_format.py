"""Reader of networks in dlib's serialisation format.

The format is a stream of self-sized values; this reader was written from that description and
needs no dlib. A network is stored as its wrapper versions, then its layers from the input to the
output, each as a name, its settings and its parameters, followed by buffers that a cleaned network
leaves empty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.errors import WeightsError

_SIGN_BIT = 0x80
_LENGTH_BITS = 0x0F
_TENSOR_VERSION = 2
_MAX_INTEGER_BYTES = 8
_MAX_NAME_BYTES = 64
_LAYER_FLAGS = 3
_LAYER_BUFFERS = 3


class DlibFormatError(WeightsError):
    """The file is not a network in dlib's format, or it is damaged."""


@dataclass(frozen=True)
class DlibLayer:
    """One layer as the file describes it.

    Attributes:
        kind: Name without its version, for example ``con`` or ``affine``.
        settings: Whole numbers of the layer by name: filters, window, stride, padding.
        parameters: All parameters of the layer, flat float32; empty where it has none.
    """

    kind: str
    settings: dict[str, int] = field(default_factory=dict)
    parameters: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True)
class DlibNetwork:
    """The layers of a file from input to output.

    Attributes:
        mean: Colour subtracted from the input, red first, 0 to 255.
        input_size: ``(height, width)`` in pixels.
        layers: Everything between the picture and the embedding.
    """

    mean: tuple[float, float, float]
    input_size: tuple[int, int]
    layers: tuple[DlibLayer, ...]


class DlibReader:
    """Reads dlib's primitive values one after the other.

    Args:
        data: The whole file.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    @property
    def remaining(self) -> int:
        """Number of bytes not read yet."""
        return len(self._data) - self.position

    def take(self, count: int) -> bytes:
        """Read ``count`` raw bytes."""
        if count < 0 or count > self.remaining:
            raise DlibFormatError(f"the file ends early: {count} bytes wanted at {self.position}")
        start, self.position = self.position, self.position + count
        return self._data[start : self.position]

    def integer(self) -> int:
        """Read a whole number: a control byte, then its magnitude, lowest byte first."""
        control = self.take(1)[0]
        length = control & _LENGTH_BITS
        if control & ~(_SIGN_BIT | _LENGTH_BITS) or not 1 <= length <= _MAX_INTEGER_BYTES:
            raise DlibFormatError(f"no whole number at byte {self.position - 1}")
        magnitude = int.from_bytes(self.take(length), "little")
        return -magnitude if control & _SIGN_BIT else magnitude

    def boolean(self) -> bool:
        """Read a truth value, stored as the letter 0 or 1."""
        letter = self.take(1)
        if letter not in (b"0", b"1"):
            raise DlibFormatError(f"no truth value at byte {self.position - 1}")
        return letter == b"1"

    def text(self) -> str:
        """Read a name."""
        length = self.integer()
        if not 0 <= length <= _MAX_NAME_BYTES:
            raise DlibFormatError(f"no name at byte {self.position}")
        try:
            return self.take(length).decode("ascii")
        except UnicodeDecodeError as error:
            raise DlibFormatError(f"no name before byte {self.position}") from error

    def real(self) -> float:
        """Read a number stored as mantissa and power of two."""
        mantissa = self.integer()
        exponent = self.integer()
        return float(mantissa) * 2.0**exponent

    def tensor(self) -> NDArray[np.float32]:
        """Read a tensor.

        Returns:
            A new float32 array of shape ``(samples, channels, rows, columns)``; may be empty.
        """
        version = self.integer()
        if version != _TENSOR_VERSION:
            raise DlibFormatError(f"tensor of version {version} instead of {_TENSOR_VERSION}")
        shape = tuple(self.integer() for _ in range(4))
        if min(shape) < 0:
            raise DlibFormatError(f"tensor of shape {shape}")
        values = np.frombuffer(self.take(4 * math.prod(shape)), dtype="<f4")
        return values.astype(np.float32).reshape(shape)

    def starts_with_text(self, text: str) -> bool:
        """Tell whether the name ``text`` comes next, without moving."""
        coded = bytes([1, len(text)]) + text.encode("ascii")
        return self._data[self.position : self.position + len(coded)] == coded


def _skip_alias(reader: DlibReader) -> None:
    reader.integer()
    for _ in range(4):
        reader.integer()


def _read_convolution(reader: DlibReader) -> DlibLayer:
    parameters = reader.tensor().reshape(-1)
    names = ("filters", "rows", "columns", "stride_y", "stride_x", "padding_y", "padding_x")
    settings = {name: reader.integer() for name in names}
    _skip_alias(reader)
    _skip_alias(reader)
    for _ in range(4):
        reader.real()
    return DlibLayer("con", settings, parameters)


def _read_affine(reader: DlibReader) -> DlibLayer:
    parameters = reader.tensor().reshape(-1)
    _skip_alias(reader)
    _skip_alias(reader)
    return DlibLayer("affine", {"mode": reader.integer()}, parameters)


def _read_pool(kind: str) -> Callable[[DlibReader], DlibLayer]:
    def read(reader: DlibReader) -> DlibLayer:
        names = ("rows", "columns", "stride_y", "stride_x", "padding_y", "padding_x")
        return DlibLayer(kind, {name: reader.integer() for name in names})

    return read


def _read_fully_connected(reader: DlibReader) -> DlibLayer:
    settings = {"outputs": reader.integer(), "inputs": reader.integer()}
    parameters = reader.tensor().reshape(-1)
    _skip_alias(reader)
    _skip_alias(reader)
    settings["bias_mode"] = reader.integer()
    for _ in range(4):
        reader.real()
    return DlibLayer("fc", settings, parameters)


_READERS: dict[str, Callable[[DlibReader], DlibLayer]] = {
    "con_4": _read_convolution,
    "affine_": _read_affine,
    "relu_": lambda _reader: DlibLayer("relu"),
    "add_prev_": lambda _reader: DlibLayer("add_prev"),
    "max_pool_2": _read_pool("max_pool"),
    "avg_pool_2": _read_pool("avg_pool"),
    "fc_2": _read_fully_connected,
}


def read_network(data: bytes) -> DlibNetwork:
    """Read a metric network with a sized RGB input.

    Args:
        data: The whole file.

    Raises:
        DlibFormatError: The bytes are something else, end early or go on after the last layer.
    """
    reader = DlibReader(data)
    reader.integer()
    loss = reader.text()
    if loss != "loss_metric_2":
        raise DlibFormatError(f"a network with the loss {loss!r} instead of loss_metric_2")
    reader.real()
    reader.real()
    while not reader.starts_with_text("input_rgb_image_sized"):
        reader.integer()
    reader.text()
    mean = (reader.real(), reader.real(), reader.real())
    input_size = (reader.integer(), reader.integer())
    layers: list[DlibLayer] = []
    while reader.remaining:
        layers.append(_read_layer(reader))
        if len(layers) == 1:
            reader.integer()
    return DlibNetwork(mean, input_size, tuple(layers))


def read_network_file(path: Path) -> DlibNetwork:
    """Read the network in a file; see ``read_network``."""
    try:
        return read_network(path.read_bytes())
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from error
    except DlibFormatError as error:
        raise DlibFormatError(f"{path.name} is damaged: {error}") from error


def _read_layer(reader: DlibReader) -> DlibLayer:
    name = reader.text()
    if name not in _READERS:
        raise DlibFormatError(f"unknown layer {name!r} before byte {reader.position}")
    layer = _READERS[name](reader)
    for _ in range(_LAYER_FLAGS):
        reader.boolean()
    for _ in range(_LAYER_BUFFERS):
        reader.tensor()
    return layer
