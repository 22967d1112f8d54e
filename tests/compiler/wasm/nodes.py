"""Modules that stand alone, run in Node: what they leave in their memory."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.wasm import Standalone
from mirada.engines.slots import write_slots
from tests.compiler.targets.foreign import needed

__all__ = ["Asked", "answers", "weights_of"]

_RUNNER = Path(__file__).with_name("run.mjs")

Floats = NDArray[np.float32]


class Asked(NamedTuple):
    """A module, its parameters and images (n, rows, columns, channels)."""

    module: Standalone
    parameters: Mapping[str, Floats]
    pixels: NDArray[np.uint8]


def weights_of(module: Standalone, parameters: Mapping[str, Floats]) -> bytes:
    """The parameters as they lie in the module's memory."""
    flat = np.zeros(module.arenas["parameters"][1] // 4, np.float32)
    write_slots(module.slots, flat, parameters)
    return flat.tobytes()


def answers(asked: Sequence[Asked], folder: Path) -> list[dict[str, Floats]]:
    """Of each module "outputs" and its maps, a row an image."""
    needed("node")
    jobs, kept = [], []
    for number, (module, parameters, pixels) in enumerate(asked):
        (folder / f"{number}.wasm").write_bytes(module.code)
        (folder / f"{number}.weights").write_bytes(weights_of(module, parameters))
        (folder / f"{number}.pixels").write_bytes(pixels.tobytes())
        reads = {
            name: (at, 4 * prod(shape)) for name, (at, shape) in module.maps.items()
        }
        reads["outputs"] = module.arenas["outputs"]
        kept.append(reads)
        job = {"size": pixels[0].size, "reads": [*reads.values()]}
        for name, arena in (("parameters", "parameters"), ("pixels", "images")):
            job[name] = module.arenas[arena][0]
        jobs.append(job)
    (folder / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(_RUNNER), str(folder)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return [
        _cut(folder / f"{number}.found", reads, len(one.pixels))
        for number, (reads, one) in enumerate(zip(kept, asked, strict=True))
    ]


def _cut(
    path: Path, reads: Mapping[str, tuple[int, int]], count: int
) -> dict[str, Floats]:
    rows = np.fromfile(path, np.float32).reshape(count, -1)
    ends = np.cumsum([size // 4 for _, size in reads.values()])
    parts = np.split(rows, ends[:-1], axis=1)
    return dict(zip(reads, parts, strict=True))
