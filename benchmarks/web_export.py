"""What the web export takes: `python benchmarks/web_export.py [NETWORK ...] [--json]`.

Of each known network the bytes of its WebAssembly and of its page, and the milliseconds
an image takes from pixels to probabilities and maps: in Node, in Chromium (the median
of many, after as many for warming up), and, beside, in the native engine on one thread
without maps. It wants Node and Chromium.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

if __name__ == "__main__":  # The tests know how a browser is spoken to.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mirada.data.preprocessing import Preprocessing
from mirada.export import FORMATS, Answered, Examples
from mirada.export.format import one_image_ms
from mirada.export.node import node_outputs
from mirada.models import build
from mirada.reference import initial_parameters
from mirada.training import Model
from mirada.views.png import png_bytes
from tests.browser import chromium

_BUDGET_MS = {"lenet5": 5.0}
_TIMED = """
(async (turns) => {
  const block = (name) => document.getElementById(name).textContent;
  const code = (letter) => letter.charCodeAt(0);
  const bytes = (name) => Uint8Array.from(atob(block(name)), code);
  const about = JSON.parse(block("about"));
  const { instance } = await WebAssembly.instantiate(bytes("code"));
  const { memory, prepare, answer } = instance.exports;
  new Uint8Array(memory.buffer).set(bytes("weights"), about.places.parameters);
  prepare();
  const times = [];
  for (let turn = 0; turn < 2 * turns; turn++) {
    const start = performance.now();
    for (let each = 0; each < 10; each++) answer();
    if (turn >= turns) times.push((performance.now() - start) / 10);
  }
  return times.sort((one, other) => one - other)[turns >> 1];
})(%d)
"""


class Figures(NamedTuple):
    """Bytes and milliseconds of one network."""

    wasm_bytes: int
    page_bytes: int
    node_ms: float
    chromium_ms: float
    native_ms: float


def measure(name: str, turns: int) -> Figures:
    """The figures of a known network with its first weights."""
    network = build(name)
    channels, height, width = network.input
    names = tuple(map(str, range(network.output[0])))
    seen = Preprocessing((height, width), channels)
    model = Model(network, initial_parameters(network, 0), names, seen)
    shape = (4, height, width, channels)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    engine = model.engine(threads=1, exact=True)
    native = one_image_ms(lambda one: engine.predict(seen.normalize(one)), pixels)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        FORMATS["web"].write(model, Examples(pixels, 0, png_bytes(pixels[0])), folder)
        found = node_outputs(folder, pixels)
        assert isinstance(found, Answered) and found.latency_ms is not None, found
        with chromium(folder / "profile") as browser:
            browser.open(folder / "index.html", width=1200)
            shown = browser.evaluate(_TIMED % turns)
        wasm, page = (
            (folder / name).stat().st_size for name in ("model.wasm", "index.html")
        )
    return Figures(wasm, page, found.latency_ms, shown, native)


def main() -> None:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=["lenet5", "digits", "cifar"])
    parser.add_argument("--turns", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {name: measure(name, given.turns) for name in given.networks}
    if given.json:
        plain = {name: figures._asdict() for name, figures in found.items()}
        print(json.dumps({"schema": 1, "networks": plain, "budgets_ms": _BUDGET_MS}))
        return
    for name, one in found.items():
        budget = f", at most {_BUDGET_MS[name]} ms" if name in _BUDGET_MS else ""
        print(
            f"{name:16} {one.wasm_bytes:8,} B wasm {one.page_bytes:11,} B page "
            f"{one.node_ms:8.3f} ms Node {one.chromium_ms:8.3f} ms Chromium{budget} "
            f"{one.native_ms:8.3f} ms native"
        )


if __name__ == "__main__":
    main()
