import struct

import numpy as np
import pytest

from inference.errors import WeightsError
from inference.recognition.networks.dlib_format import (
    DlibFormatError,
    DlibReader,
    read_network,
    read_network_file,
)


def integer(value: int) -> bytes:
    magnitude = abs(value)
    length = max(1, (magnitude.bit_length() + 7) // 8)
    return bytes([length | (0x80 if value < 0 else 0)]) + magnitude.to_bytes(length, "little")


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def real(mantissa: int, exponent: int) -> bytes:
    return integer(mantissa) + integer(exponent)


def tensor(values: np.ndarray) -> bytes:
    shape = values.shape + (1,) * (4 - values.ndim) if values.size else (0, 0, 0, 0)
    return b"".join(integer(n) for n in (2, *shape)) + values.astype("<f4").tobytes()


EMPTY = np.zeros(0)
ALIAS = integer(1) + b"".join(integer(n) for n in (0, 0, 0, 0))
TRAILER = b"110" + tensor(EMPTY) * 3
RATES = real(1, 0) * 4


def convolution(parameters: np.ndarray, filters: int) -> bytes:
    settings = (filters, 3, 3, 2, 2, 0, 0)
    body = text("con_4") + tensor(parameters) + b"".join(integer(n) for n in settings)
    return body + ALIAS * 2 + RATES + TRAILER


def affine(parameters: np.ndarray) -> bytes:
    return text("affine_") + tensor(parameters) + ALIAS * 2 + integer(0) + TRAILER


def fully_connected(parameters: np.ndarray) -> bytes:
    return (
        text("fc_2") + integer(2) + integer(1) + tensor(parameters) + ALIAS * 2 + integer(1)
        + RATES + TRAILER
    )  # fmt: skip


def tiny_network() -> bytes:
    start = integer(1) + text("loss_metric_2") + real(10066329, -28) + real(10066329, -24)
    source = integer(3) + text("input_rgb_image_sized") + real(491, -2) + real(117, 0) + real(52, 1)
    weights = np.arange(2 * 27 + 2, dtype=np.float32)
    layers = [
        convolution(weights, 2) + integer(1),
        affine(np.array([1.0, 2.0, 3.0, 4.0])),
        text("relu_") + TRAILER,
        fully_connected(np.array([5.0, 6.0])),
    ]
    return start + integer(2) * 9 + source + integer(150) + integer(140) + b"".join(layers)


@pytest.mark.parametrize(
    ("coded", "value"),
    [
        pytest.param(b"\x01\x00", 0, id="zero"),
        pytest.param(b"\x01\xff", 255, id="one byte is unsigned"),
        pytest.param(b"\x02\x80\x12", 4736, id="lowest byte first"),
        pytest.param(b"\x81\x11", -17, id="sign in the control byte"),
    ],
)
def test_whole_numbers_are_a_control_byte_and_a_magnitude(coded, value):
    assert DlibReader(coded).integer() == value


def test_a_number_is_mantissa_times_a_power_of_two():
    assert DlibReader(real(16093282, -17)).real() == pytest.approx(122.782, abs=1e-5)


def test_a_tensor_keeps_its_shape_and_values():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    assert np.array_equal(DlibReader(tensor(values)).tensor(), values)


@pytest.mark.parametrize(
    ("coded", "method"),
    [
        pytest.param(b"\x00", "integer", id="a number without bytes"),
        pytest.param(b"\x51\x00", "integer", id="unknown bits in the control byte"),
        pytest.param(b"\x02\x00", "integer", id="a number cut off"),
        pytest.param(b"2", "boolean", id="neither 0 nor 1"),
        pytest.param(b"\x01\xff", "text", id="a name longer than any"),
        pytest.param(b"\x01\x01\xff", "text", id="a name outside ASCII"),
        pytest.param(integer(1), "tensor", id="a tensor of another version"),
        pytest.param(b"".join(integer(n) for n in (2, -1, 1, 1, 1)), "tensor", id="negative shape"),
        pytest.param(
            b"".join(integer(n) for n in (2, 2**40, 2**40, 2**40, 1)), "tensor", id="a huge tensor"
        ),
    ],
)
def test_damaged_values_are_refused(coded, method):
    with pytest.raises(DlibFormatError):
        getattr(DlibReader(coded), method)()


def test_a_network_is_read_from_input_to_output():
    network = read_network(tiny_network())
    assert network.mean == (122.75, 117.0, 104.0)
    assert network.input_size == (150, 140)
    assert [layer.kind for layer in network.layers] == ["con", "affine", "relu", "fc"]


def test_a_layer_keeps_its_settings_and_parameters():
    layer = read_network(tiny_network()).layers[0]
    assert layer.settings == {
        **{"filters": 2, "rows": 3, "columns": 3, "stride_y": 2, "stride_x": 2},
        **{"padding_y": 0, "padding_x": 0},
    }
    assert layer.parameters.tolist() == list(range(56))


@pytest.mark.parametrize("length", [0, 1, 20, 60, 200, len(tiny_network()) - 1])
def test_a_file_cut_off_anywhere_is_refused(length):
    with pytest.raises(DlibFormatError):
        read_network(tiny_network()[:length])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiny_network() + b"\x01", id="something after the last layer"),
        pytest.param(tiny_network().replace(b"relu_", b"tanh_"), id="a layer nobody knows"),
        pytest.param(struct.pack("<Q", 0x04034B50) * 9, id="another kind of file"),
    ],
)
def test_other_files_are_refused(data):
    with pytest.raises(DlibFormatError):
        read_network(data)


def test_a_damaged_file_is_a_weights_error_that_names_it(tmp_path):
    path = tmp_path / "broken.dat"
    path.write_bytes(tiny_network()[:100])
    with pytest.raises(WeightsError, match=r"broken\.dat is damaged"):
        read_network_file(path)


def test_a_missing_file_is_a_weights_error(tmp_path):
    with pytest.raises(WeightsError, match=r"nothing\.dat cannot be read"):
        read_network_file(tmp_path / "nothing.dat")
