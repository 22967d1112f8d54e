"""The numbers that a model in C holds: parameters in the forms that kernels read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.ir import Kernel
from mirada.compiler.passes.dequantize import ZERO, dequantize, worth_while
from mirada.compiler.program import Program
from mirada.compiler.target import host
from mirada.compiler.targets import PORTABLE_C
from mirada.engines.prepared import Prepared, Work, aligned
from mirada.engines.slots import write_slots
from mirada.export.quantization import int8_scales
from mirada.network import Network, Recipe
from mirada.training.model import Parameters

__all__ = ["Packing", "in_bytes"]

Values = dict[str, NDArray[Any]]
Kernels = Mapping[str, Kernel]

_ROUNDINGS = 1e-6


class Packing:
    """Brings parameters into the forms that a program's kernels read.

    It is done by machine code for this computer, of the same kernels.
    """

    def __init__(self, network: Network, program: Program) -> None:
        here = host()
        target = replace(
            PORTABLE_C,
            triple=here.triple,
            cpu=here.cpu,
            features=here.features,
            fma=here.fma,
        )
        self._program = program
        self._flat = aligned(4 * program.length)
        self._prepared = Prepared(
            network,
            Recipe(),
            Work("predict", 1),
            1,
            target,
            {"parameters": self._flat},
            exact=True,
        )

    def values(self, parameters: Parameters, sizes: Mapping[str, int]) -> Values:
        """What lies in buffers of so many numbers each, float32."""
        write_slots(self._program.slots, self._flat, dict(parameters))
        self._prepared.pack()
        arenas = {"parameters": self._flat, "packed": self._prepared.packed}
        found = {}
        for name, size in sizes.items():
            place = self._program.places[name]
            start = place.offset // 4
            kept = arenas[place.arena][start : start + size]
            found[name] = np.pad(kept, (0, size - len(kept)))
        return found


def in_bytes(
    network: Network,
    packing: Packing,
    kernels: Kernels,
    values: Values,
    parameters: Parameters,
) -> tuple[dict[str, Kernel], Values]:
    """Kernels that read weights as bytes, and these bytes with their scales.

    `values` are packed from `parameters` that were rounded. Packing is asked which
    scale belongs to which number: it is given scales for weights.
    """
    scales = int8_scales(network, parameters)
    sizes = {name: len(numbers) for name, numbers in values.items()}
    packed = packing.values({**parameters, **scales}, sizes)
    shapes = {b.name: b.shape for k in kernels.values() for b in k.buffers}
    whole, own = dict[str, NDArray[Any]](), dict[str, NDArray[Any]]()
    for name, numbers in values.items():
        scale = packed[name]
        if np.array_equal(numbers, scale) or not worth_while(scale, shapes[name]):
            continue
        q = np.rint(numbers / np.where(scale == 0, 1, scale))
        off = np.abs(q * scale - numbers) > _ROUNDINGS * np.abs(numbers)
        if np.abs(q).max() < ZERO and not off.any():
            whole[name], own[name] = (q + ZERO).astype(np.uint8), scale
    made, found = dict[str, Kernel](), {**values, **whole}
    for key, kernel in kernels.items():
        made[key], more = dequantize(kernel, own)
        found |= more
    return made, found
