"""A network and its parameters as definitions in C, for one image at a time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.c99.model import (
    ModelSource,
    model_source,
    weights_read,
    work_kernels,
)
from mirada.compiler.ir import Kernel
from mirada.compiler.passes.dequantize import ZERO, dequantize, worth_while
from mirada.compiler.plan import Levels, plan
from mirada.compiler.program import Program
from mirada.compiler.target import host
from mirada.compiler.targets import PORTABLE_C
from mirada.engines.prepared import Prepared, Work, aligned
from mirada.engines.slots import write_slots
from mirada.export.quantization import int8_parameters, int8_scales
from mirada.network import Network, Recipe
from mirada.training.model import Parameters

__all__ = ["compiled_to_c"]

Values = dict[str, NDArray[Any]]
Kernels = Mapping[str, Kernel]

_ROUNDINGS = 1e-6


def compiled_to_c(
    network: Network,
    parameters: Parameters,
    levels: Levels,
    prefix: str,
    *,
    int8: bool = False,
) -> ModelSource:
    """What `model_source` gives, with the parameters, or with weights of eight bits.

    `levels` says what the pixels of each channel mean.
    """
    program = plan(
        network, Recipe(), "predict", 1, PORTABLE_C, exact=True, levels=levels
    )
    kernels, packing = work_kernels(program), _Packing(network, program)
    sizes = weights_read(program, kernels)
    given = int8_parameters(network, parameters) if int8 else parameters
    values = packing.values(given, sizes)
    if int8:
        kernels, values = _in_bytes(network, packing, kernels, values, parameters)
    return model_source(program, kernels, values, prefix)


class _Packing:
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


def _in_bytes(
    network: Network,
    packing: _Packing,
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
