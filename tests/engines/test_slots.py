from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings

from mirada.compiler.plan import plan
from mirada.compiler.program import Slot
from mirada.compiler.target import host
from mirada.engines.slots import read_slots, write_slots
from mirada.network import Conv2d, Flatten, Linear, Network, Recipe
from tests.compiler.programs import CASES
from tests.engines.drawn import compiled_networks
from tests.strategies import lively_parameters

NETWORK = Network("n", (2, 4, 5), (Conv2d(3, (2, 3)), Flatten(), Linear(2)))


def slots_of(network: Network) -> Mapping[str, Slot]:
    return plan(network, Recipe(), "predict", 1, host()).slots


def test_a_convolution_lies_by_output_row_column_and_input() -> None:
    slot = slots_of(NETWORK)["conv1.weight"]
    flat = np.zeros(1000, np.float32)
    weight = np.arange(36, dtype=np.float32).reshape(3, 2, 2, 3)
    write_slots({"w": slot}, flat, {"w": weight})
    native = flat[slot.offset : slot.offset + 36].reshape(3, 2, 3, 2)
    for oc, ky, kx, ic in np.ndindex(3, 2, 3, 2):
        assert native[oc, ky, kx, ic] == weight[oc, ic, ky, kx]


def test_a_linear_weight_lies_by_row_column_channel_and_output() -> None:
    """Its inputs are in the order of the image in memory, not of the flatten layer."""
    slot = slots_of(NETWORK)["linear1.weight"]
    assert slot.split == (2, 3, 3, 3)
    assert slot.axes == (2, 3, 1, 0)
    flat = np.zeros(1000, np.float32)
    weight = np.arange(54, dtype=np.float32).reshape(2, 27)
    write_slots({"w": slot}, flat, {"w": weight})
    native = flat[slot.offset : slot.offset + 54].reshape(3, 3, 3, 2)
    for y, x, c, output in np.ndindex(3, 3, 3, 2):
        assert native[y, x, c, output] == weight[output, (c * 3 + y) * 3 + x]


@settings(max_examples=30)
@given(compiled_networks(scores=True))
def test_what_is_written_is_read(network: Network) -> None:
    slots = slots_of(network)
    assert slots.keys() == network.parameters.keys()
    length = plan(network, Recipe(), "predict", 1, host()).length
    flat = np.full(length, np.nan, np.float32)
    values = lively_parameters(network, 3)
    write_slots(slots, flat, values)
    assert np.isfinite(flat).sum() == sum(value.size for value in values.values())
    for name, value in read_slots(slots, flat).items():
        assert value.tobytes() == np.ascontiguousarray(values[name]).tobytes(), name
        assert value.shape == values[name].shape and value.flags.c_contiguous


def test_what_was_read_is_a_copy() -> None:
    slots = slots_of(CASES["block"].network)
    flat = np.zeros(10_000, np.float32)
    for value in read_slots(slots, flat).values():
        value += 1
    assert not flat.any()
