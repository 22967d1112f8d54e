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
        native = _to_native(slot, values[name])
        flat[slot.offset : slot.offset + native.size] = native.ravel()


def _to_native(slot: Slot, value: Floats) -> Floats:
    if value.ndim == 4:
        return value.transpose(0, 2, 3, 1)
    if value.ndim == 2 and slot.image:
        return value.reshape(-1, *slot.image).transpose(2, 3, 1, 0)
    return value.T


def _from_native(slot: Slot, flat: Floats) -> Floats:
    native = flat[slot.offset : slot.offset + prod(slot.shape)]
    moved: Floats
    if len(slot.shape) == 4:
        outputs, inputs, height, width = slot.shape
        moved = native.reshape(outputs, height, width, inputs).transpose(0, 3, 1, 2)
    elif len(slot.shape) == 2 and slot.image:
        channels, height, width = slot.image
        order = (height, width, channels, slot.shape[0])
        moved = native.reshape(order).transpose(3, 2, 0, 1)
    else:
        moved = native.reshape(slot.shape[::-1]).T
    return np.array(moved.reshape(slot.shape), order="C")
