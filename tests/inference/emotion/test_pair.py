import pytest
import torch

from inference.emotion.architectures import (
    EmotionPair,
    build,
    build_pair,
    member_states,
    pair_state,
)


@pytest.fixture
def pair() -> EmotionPair:
    torch.manual_seed(5)
    return build_pair().eval()


@pytest.fixture
def faces() -> torch.Tensor:
    return torch.rand(3, 1, 48, 48, generator=torch.Generator().manual_seed(6))


@torch.no_grad()
def test_the_second_network_sees_the_mirror_image(pair: EmotionPair, faces: torch.Tensor) -> None:
    first, second = pair.first(faces), pair.second(faces.flip(3))

    together = pair(faces)

    torch.testing.assert_close(together.fer, (first.fer + second.fer) / 2)
    torch.testing.assert_close(together.plus, (first.plus + second.plus) / 2)
    assert not torch.allclose(second.fer, pair.second(faces).fer, atol=1e-4)


@torch.no_grad()
def test_one_network_twice_says_the_same_of_a_face_and_its_mirror_image(
    faces: torch.Tensor,
) -> None:
    torch.manual_seed(5)
    network = build("residual")
    pair = EmotionPair(network, network).eval()

    torch.testing.assert_close(pair(faces).fer, pair(faces.flip(3)).fer)


@torch.no_grad()
def test_own_classes_read_the_first_network_alone(pair: EmotionPair, faces: torch.Tensor) -> None:
    before = pair.features(faces)
    torch.nn.init.zeros_(pair.second.backbone.stem[0].weight)

    torch.testing.assert_close(pair.features(faces), before)


def test_both_networks_change_their_number_format(pair: EmotionPair) -> None:
    pair.compute_in(torch.bfloat16)

    assert pair.first.precision is pair.second.precision is torch.bfloat16
    assert pair.first.fer.weight.dtype is pair.second.plus.weight.dtype is torch.float32


def test_what_was_laid_together_comes_apart(pair: EmotionPair) -> None:
    first, second = pair.first.state_dict(), pair.second.state_dict()

    apart = member_states(pair_state(first, second))

    build_pair().load_state_dict(pair_state(first, second))
    for found, expected in zip(apart, (first, second), strict=True):
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_a_single_network_is_the_pair_of_itself() -> None:
    state = build("residual").state_dict()

    assert member_states(state) == (state, state)
