"""Random numbers in tensors: the very words and masks of the other engines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Dropout
from mirada.randomness import philox
from mirada.reference import Moment
from mirada.reference import dropout as law

torch = pytest.importorskip("torch")
randomness = pytest.importorskip("mirada.engines.torch.randomness")
dropout = pytest.importorskip("mirada.engines.torch.dropout")
layer = pytest.importorskip("mirada.engines.torch.layer")

WORDS = st.integers(0, 2**32 - 1)


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS))
def test_words_are_those_of_randomness(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> None:
    given = tuple(torch.tensor(part, dtype=torch.int64) for part in counter)
    found = [int(word) for word in randomness.philox(given, key)]
    assert found == philox(counter, key).tolist()


@given(
    p=st.floats(0.0, 0.999),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 3)),
    seed=WORDS,
    step=WORDS,
    place=st.integers(0, 4095),
)
def test_the_same_elements_are_dropped(
    p: float, shape: tuple[int, ...], seed: int, step: int, place: int
) -> None:
    moment = layer.Moment(torch.tensor(step), True, False, seed, place)
    found = dropout.kept(Dropout(p), shape, moment).numpy()
    assert np.array_equal(
        found, law.kept(Dropout(p), shape, Moment(True, seed, step, place))
    )


def test_a_part_of_a_batch_drops_what_the_whole_would() -> None:
    moment = layer.Moment(torch.tensor(4), True, False, 1, 2)
    whole = dropout.kept(Dropout(0.5), (6, 9), moment)
    part = dropout.kept(Dropout(0.5), (2, 9), moment, first=3)
    assert torch.equal(part, whole[3:5])
