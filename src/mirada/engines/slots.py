"""Parameters between PyTorch's shapes and the order that compiled code reads."""

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.program import Slot
from mirada.engines.engine import Arrays, Floats

__all__ = ["read_slots", "write_slots"]


def read_slots(slots: Mapping[str, Slot], flat: Floats) -> Arrays:
    """A copy of every parameter in its own shape."""
    return {name: _from_native(slot, flat) for name, slot in slots.items()}


def write_slots(
    slots: Mapping[str, Slot], flat: Floats, values: Mapping[str, NDArray[np.float32]]
) -> None:
    """Puts every parameter where compiled code reads it."""
    for name, slot in slots.items():
        native = values[name].reshape(slot.split).transpose(slot.axes)
        flat[slot.offset : slot.offset + native.size] = native.ravel()


def _from_native(slot: Slot, flat: Floats) -> Floats:
    native = flat[slot.offset : slot.offset + prod(slot.shape)]
    lying = native.reshape([slot.split[axis] for axis in slot.axes])
    moved = lying.transpose(np.argsort(slot.axes))
    return np.array(moved.reshape(slot.shape), order="C")
