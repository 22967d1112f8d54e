"""Dropout: the rule that every engine shares, and what follows from it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Dropout, Linear, Network, ReLU
from mirada.randomness import Purpose, key, philox
from mirada.reference import RULES, Moment, forward
from mirada.reference.dropout import kept
from tests.reference.laws import check_adjoint, check_peer, check_slopes, computed
from tests.strategies import networks

MOMENT = Moment(training=True, seed=7, step=3, place=2)
SEEDS = st.integers(0, 2**32 - 1)


def test_each_element_has_its_word() -> None:
    """Element by element, as the rule is written down."""
    layer, shape = Dropout(0.3), (2, 2, 3, 1)
    found = kept(layer, shape, MOMENT).reshape(2, 6)
    for image in range(2):
        for element in range(6):
            counter = (element // 4, image, MOMENT.step, MOMENT.place)
            words = philox(counter, key(MOMENT.seed, Purpose.DROPOUT))
            assert found[image, element] == (words[element % 4] >= int(0.3 * 2**32))


def test_a_larger_batch_drops_the_same_in_its_first_images() -> None:
    layer = Dropout(0.5)
    many, few = kept(layer, (5, 3, 4, 4), MOMENT), kept(layer, (2, 3, 4, 4), MOMENT)
    assert (many[:2] == few).all()


def test_seed_step_and_place_each_change_what_is_dropped() -> None:
    others = [
        Moment(True, 8, 3, 2),
        Moment(True, 7, 4, 2),
        Moment(True, 7, 3, 1),
    ]
    mask = kept(Dropout(0.5), (1, 64), MOMENT)
    assert all((kept(Dropout(0.5), (1, 64), other) != mask).any() for other in others)


def test_the_place_is_the_position_in_the_network() -> None:
    network = Network("two", (40,), (ReLU(), Dropout(0.5), Linear(1)))
    own = {"linear1.weight": np.ones((1, 40)), "linear1.bias": np.zeros(1)}
    found = forward(network, own, np.ones((2, 40)), training=True, seed=9, step=4)
    mask = kept(Dropout(0.5), (2, 40), Moment(True, 9, 4, place=1))
    assert (found["dropout1"] == 2.0 * mask).all()


def test_kept_elements_make_up_for_the_dropped() -> None:
    image = np.arange(1.0, 65.0).reshape(1, 64)
    found = computed(Dropout(0.2), image, moment=MOMENT)
    mask = kept(Dropout(0.2), (1, 64), MOMENT)
    assert (found == np.where(mask, image * (1 / (1 - 0.2)), 0)).all()
    assert 0 < (~mask).sum() < 32


def test_the_share_that_is_kept() -> None:
    """Of 40,000 draws the kept share is within five standard deviations."""
    for p in (0.1, 0.5, 0.9):
        share = kept(Dropout(p), (4, 10_000), MOMENT).mean()
        assert abs(share - (1 - p)) < 5 * np.sqrt(p * (1 - p) / 40_000)


def test_inference_and_no_dropout_change_nothing() -> None:
    image = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    assert (computed(Dropout(0.9), image) == image).all()
    assert (computed(Dropout(0.0), image, moment=MOMENT) == image).all()


def test_gradients_pass_where_values_did() -> None:
    image = np.ones((2, 10))
    (passed,), own = RULES[Dropout].backward(Dropout(0.5), (image,), {}, MOMENT, image)
    assert own == {}
    assert (passed == computed(Dropout(0.5), image, moment=MOMENT)).all()


@given(networks(("dropout",), most_layers=2), st.integers(1, 3), SEEDS, st.booleans())
def test_gradients_are_slopes(
    network: Network, count: int, seed: int, training: bool
) -> None:
    check_slopes(network, count, seed, training=training)
    check_adjoint(network, count, seed)


@given(networks(("dropout",), most_layers=2, scores=True), st.integers(1, 3), SEEDS)
def test_pytorch_agrees_with_our_mask(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)
