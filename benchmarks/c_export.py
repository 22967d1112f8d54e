"""LeNet-5 as C beside the engine's machine code, one image at a time.

    python -m benchmarks.c_export

Both are asked in turns, so that what else the computer does meets both alike: the C
file, as GCC makes it with -O3 -march=native, from pixels; the engine on one thread from
an image that is normalized, as it is called from Python, and from pixels. Times are in
microseconds, medians of medians; the goal is a ratio of at most 1.3.
"""

import ctypes
import statistics
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from mirada.data.preprocessing import Preprocessing
from mirada.engines import create
from mirada.export import FORMATS, Examples
from mirada.export.c_check import compiler_command
from mirada.export.probabilities import ending_in_softmax
from mirada.models import build
from mirada.network import Recipe
from mirada.reference import initial_parameters
from mirada.training import Model

__all__ = ["main"]

_ROUNDS, _CALLS = 31, 300
_OPTIONS = ("-std=c99", "-O3", "-march=native", "-shared", "-fPIC")


def main() -> None:
    """Prints a row for each, and the ratios."""
    network = ending_in_softmax(build("lenet5", (1, 28, 28), 10))
    seen = Preprocessing((28, 28), 1, mean=(0.13,), std=(0.31,))
    parameters = initial_parameters(network, 0)
    model = Model(network, parameters, tuple("0123456789"), seen)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 28, 28, 1), np.uint8)
    engine = create("native", network, Recipe(batch_size=1), 1, exact=True)
    engine.load_parameters(parameters)
    image, found = seen.normalize(pixels), np.zeros(10, np.float32)
    given = (pixels.ctypes.data, found.ctypes.data)
    with TemporaryDirectory() as place:
        asked: dict[str, Callable[[], object]] = {
            "engine": lambda: engine.predict(image),
            "engine, from pixels": lambda: engine.predict(seen.normalize(pixels)),
        }
        for name in ("c", "c int8"):
            predict = _compiled(model, pixels, Path(place) / name, name == "c int8")
            asked[name] = partial(predict, *given)
        times = _times(asked)
    for name, time in times.items():
        ratios = (time / times[other] for other in ("engine", "engine, from pixels"))
        told = "  ".join(f"{ratio:5.2f}" for ratio in ratios)
        print(f"{name:20} {time:7.1f} µs   of the engine, from pixels: {told}")


def _compiled(
    model: Model, pixels: np.ndarray, folder: Path, int8: bool
) -> Callable[[int, int], None]:
    """The function of the C file, in a library."""
    folder.mkdir()
    form = FORMATS["c"]
    write = form.write_int8 if int8 else form.write
    assert write is not None
    write(model, Examples(pixels, 0, b""), folder)
    compiler = compiler_command()
    assert compiler is not None, "no C compiler is installed"
    path = folder / "model.so"
    command = [*compiler, *_OPTIONS, "-o", str(path), str(folder / "model.c")]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(str(path)).lenet5_predict
    function.argtypes, function.restype = (ctypes.c_void_p,) * 2, None
    return function


def _times(asked: dict[str, Callable[[], object]]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(_ROUNDS):
        for name, ask in asked.items():
            ask()
            start = perf_counter()
            for _ in range(_CALLS):
                ask()
            rounds[name].append(1e6 * (perf_counter() - start) / _CALLS)
    return {name: statistics.median(values) for name, values in rounds.items()}


if __name__ == "__main__":
    main()
