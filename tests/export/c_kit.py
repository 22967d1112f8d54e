"""Networks as C, many in one program: compiled here and run on pixels."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.c99.model import ModelSource
from mirada.export.c_model import compiled_to_c
from mirada.export.quantization import int8_parameters
from mirada.network import Network
from mirada.reference.first_order import first_order_bounds
from tests.tolerance import assert_within

__all__ = ["SANITIZED", "STRICT", "Compiled", "compiler", "levels"]

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SANITIZED = (
    "-O0",  # half the time of -O1; nothing is left out before it is looked at
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fno-sanitize-recover=all",
)

_MAIN = """\
#include <stdio.h>
#include <stdlib.h>

{models}
int main(int count, char **files)
{{
    FILE *from = fopen(files[1], "rb"), *to = fopen(files[2], "wb");
    if (count != 3 || from == NULL || to == NULL)
        return 1;
{runs}
    return fclose(to) != 0;
}}
"""
_RUN = """\
    for (int i = 0; i < {images}; i++) {{
        uint8_t *pixels = malloc({pixels});
        float *found = malloc(4 * {outputs});
        if (fread(pixels, 1, {pixels}, from) != {pixels})
            return 1;
        {name}_predict(pixels, found);
        if (fwrite(found, 4, {outputs}, to) != {outputs})
            return 1;
        free(pixels);
        free(found);
    }}"""


def compiler(name: str = "") -> str:
    """A C compiler by its name, or any; the test is skipped without it."""
    found = shutil.which(name) if name else shutil.which("gcc") or shutil.which("clang")
    if found is None:
        pytest.skip(f"{name or 'no C compiler'} is not installed")
    return found


def levels(channels: int) -> tuple[tuple[float, ...], ...]:
    """Pixels from about -2 to 2, otherwise in every channel."""
    every = np.arange(256, dtype=np.float32)
    return tuple(
        tuple(map(float, (every - np.float32(100 + c)) / np.float32(64 + c)))
        for c in range(channels)
    )


class Compiled(NamedTuple):
    """A network in C, what it has for parameters, and pixels to try it on."""

    network: Network
    parameters: Mapping[str, NDArray[np.float32]]
    source: ModelSource
    pixels: NDArray[np.uint8]

    @classmethod
    def of(
        cls,
        network: Network,
        parameters: Mapping[str, NDArray[np.float32]],
        *,
        int8: bool = False,
        images: int = 2,
    ) -> "Compiled":
        """Made as an export makes it, of the network as it is."""
        channels, height, width = (*network.input, 1, 1)[:3]
        told = levels(channels)
        source = compiled_to_c(network, parameters, told, network.name, int8=int8)
        meant = int8_parameters(network, parameters) if int8 else parameters
        shape = (images, height, width, channels)
        pixels = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
        return cls(network, meant, source, pixels)

    @property
    def outputs(self) -> int:
        """Numbers that come out for one image."""
        return int(np.prod(self.network.output))

    @property
    def text(self) -> str:
        """A file that gives the prediction under the network's name."""
        name = f"{self.network.name}_predict"
        given = "(const uint8_t *pixels, float *probabilities)"
        call = "{\n    predict(pixels, probabilities);\n}\n"
        return f"{self.source.text}\nvoid {name}{given};\nvoid {name}{given}\n{call}"

    def agrees(self, found: NDArray[np.float32]) -> None:
        """What came out is within the bound of what the network means."""
        told = np.array(levels(self.pixels.shape[-1]), np.float32)
        seen = np.stack([told[c][self.pixels[..., c]] for c in range(len(told))], 1)
        images = seen.reshape(len(seen), *self.network.input)
        with np.errstate(all="ignore"):
            exact = first_order_bounds(
                self.network, self.parameters, images, np.float32
            )
        bound = np.nan_to_num(exact.bound, nan=np.inf, posinf=np.inf)
        assert_within(found.reshape(exact.value.shape), exact.value, bound)


def run(
    made: Sequence[Compiled],
    folder: Path,
    command: Sequence[str],
    runner: Sequence[str] = (),
) -> list[NDArray[np.float32]]:
    """What every network gives for its pixels, of one program of all of them."""
    program = build(made, folder, command)
    given = b"".join(one.pixels.tobytes() for one in made)
    (folder / "pixels").write_bytes(given)
    done = subprocess.run(
        [*runner, str(program), "pixels", "found"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:3000]
    numbers = np.fromfile(folder / "found", np.float32)
    ends = np.cumsum([len(one.pixels) * one.outputs for one in made])
    assert ends[-1] == len(numbers)
    return np.split(numbers, ends[:-1])


def build(made: Sequence[Compiled], folder: Path, command: Sequence[str]) -> Path:
    """One program of all networks, or the test fails with the compiler's words."""
    heads, runs, files = list[str](), list[str](), list[str]()
    for one in made:
        name, outputs = one.network.name, one.outputs
        pixels = one.pixels[0].size
        (folder / f"{name}.c").write_text(one.text)
        files.append(f"{name}.c")
        heads.append(f"void {name}_predict(const unsigned char *, float *);")
        values = {"name": name, "outputs": outputs, "pixels": pixels}
        runs.append(_RUN.format(images=len(one.pixels), **values))
    main = _MAIN.format(models="\n".join(heads), runs="\n".join(runs))
    (folder / "main.c").write_text(main.replace("uint8_t", "unsigned char"))
    options = [*STRICT, *command[1:], "-o", "program", "main.c", *files]
    done = subprocess.run(
        [command[0], *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:3000]
    assert "warning" not in done.stderr and "note" not in done.stderr, done.stderr
    return folder / "program"
