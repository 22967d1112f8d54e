"""How soon a press on a map is answered: `python benchmarks/lab_look.py [--json]`.

A lab looks into LeNet-5 trained for one epoch on digits of 28 pixels. Its server is
asked for the arithmetic of numbers of every layer, and a page in Chromium is pressed:
the time runs from the press until the arithmetic stands on the page. Medians, and the
slowest of twenty.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.browser import Browser, chromium
from tests.lab.open_lab import OpenLab, open_lab

__all__ = ["measure"]

PRESSES = 100
MOST_MS = 50.0
"""What a press may take, LeNet-5 being looked into."""

PRESS = """
(async () => {
  const layers = ["conv1", "maxpool1", "conv2", "linear1"];
  const layer = layers[%d %% layers.length];
  const canvas = document.querySelector(`[data-layer=${layer}] canvas`);
  const room = document.querySelector(".look-layers");
  const box = canvas.getBoundingClientRect();
  const clientX = box.left + 8 + (%d %% 6), clientY = box.top + 8;
  const shown = new Promise((done) => {
    const seen = new MutationObserver(() => { seen.disconnect(); done(); });
    const live = document.querySelector(".crumbs") ?? room;
    seen.observe(live, { childList: true, subtree: true, characterData: true });
  });
  const start = performance.now();
  canvas.dispatchEvent(new PointerEvent("pointerdown", { clientX, clientY }));
  await shown;
  return performance.now() - start;
})()
"""


def measure(folder: Path) -> dict[str, Any]:
    """Milliseconds of a press on a map, by the server alone and on the page."""
    words = "train lenet5 digits --size 28 --epochs 1 --out runs/lenet"
    run = "import sys; from mirada.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "--quiet", *words.split()]
    subprocess.run(command, check=True, cwd=folder, capture_output=True)
    with open_lab(folder) as lab:
        server = _told(list(_asked(lab)))
        with _page(folder, lab) as browser:
            page = _told([browser.evaluate(PRESS % (n, n)) for n in range(1, PRESSES)])
    return {"server_ms": server, "page_ms": page, "most_ms": MOST_MS}


def _asked(lab: OpenLab) -> Iterator[float]:
    """How long the server takes for numbers of every layer in turn."""
    layers = lab.ask("POST", "/api/look/network", {"run": "lenet"}).value["layers"]
    shown = lab.ask("POST", "/api/look/sample", {"run": "lenet", "sample": 5}).value
    known = {"run": "lenet", "image": shown["image"]}
    for number, layer in zip(range(PRESSES), cycle(layers), strict=False):
        place = [number % side for side in layer["shape"]]
        asked = {**known, "layer": layer["layer"], "place": place}
        start = time.perf_counter()
        assert lab.ask("POST", "/api/look/element", asked).status == 200
        yield 1000 * (time.perf_counter() - start)


@contextmanager
def _page(folder: Path, lab: OpenLab) -> Iterator[Browser]:
    """The room Look with an image, in a browser."""
    with chromium(folder / "profile") as browser:
        browser.visit(lab.room("look", run="lenet"))
        browser.wait_for("!!document.querySelector('[data-layer=linear1] canvas')")
        browser.evaluate(PRESS % (0, 0))
        yield browser


def _told(times: list[float]) -> dict[str, float]:
    return {
        "median": round(median(times), 2),
        "slowest_of_20": round(quantiles(times, n=20)[-1], 2),
    }


def main() -> None:
    """Prints the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name in ("server_ms", "page_ms"):
        told = found[name]
        words = (
            f"median {told['median']:.2f}, slowest of 20 {told['slowest_of_20']:.2f}"
        )
        print(f"{name}: {words} (at most {MOST_MS:g})")


if __name__ == "__main__":
    main()
