"""A trained network as a page: its files, and what Node answers with them.

Node is asked in a process of its own, as PyTorch is; it runs the code of the page.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from mirada.analysis import summarize
from mirada.compiler.wasm import Standalone, standalone
from mirada.engines.slots import write_slots
from mirada.errors import InternalError, Phrase, UnsupportedError
from mirada.export.format import Answered, Pixels
from mirada.export.levels import levels_of
from mirada.export.probabilities import ending_in_softmax
from mirada.network import AvgPool2d, Conv2d, ConvTranspose2d, MaxPool2d, Network
from mirada.training import Model
from mirada.version import __version__

__all__ = ["ABOUT", "CODE", "MODULE", "WEIGHTS", "WebNetwork", "node_outputs", "web"]

CODE, WEIGHTS, ABOUT, MODULE = "model.wasm", "model.weights", "model.json", "model.mjs"
_SHOWN = (Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d)
_MOST_LAYERS = 8
_MOST_BYTES = 256 << 20
_PATIENCE_S = 1800.0
_MOST_LETTERS = 300
_NO_SIMD = 77
_SCRIPT = Path(__file__).with_name("node_answer.mjs")


class WebNetwork(NamedTuple):
    """What a page is made of: what is to be known, the code and the weights."""

    about: Mapping[str, Any]
    code: bytes
    weights: bytes


def web(model: Model) -> WebNetwork:
    """A model compiled for the browser.

    Raises UnsupportedError (`web-too-large`).
    """
    network, seen = ending_in_softmax(model.network), model.preprocessing
    summary = summarize(network)
    _require_size(network, 4 * summary.totals.parameters)
    texts = {row.name: row.text for row in summary.layers}
    made = standalone(network, _shown_layers(network), levels_of(model))
    _require_size(network, made.memory_bytes)
    height, width = seen.size
    places = {
        "parameters": "parameters",
        "pixels": "images",
        "probabilities": "outputs",
    }
    about = {
        "name": network.name,
        "classes": list(model.classes),
        "input": {
            "height": height,
            "width": width,
            "channels": seen.channels,
            "resize": seen.resize,
        },
        "places": {name: made.arenas[arena][0] for name, arena in places.items()},
        "layers": [
            {"layer": name, "text": texts[name], "shape": shape, "at": at}
            for name in _shown_layers(network)
            for at, shape in (made.maps[name],)
        ],
        "parameters": summary.totals.parameters,
        "bytes": made.memory_bytes,
        "made": f"mirada {__version__}",
    }
    return WebNetwork(about, made.code, _weights(made, model))


def _shown_layers(network: Network) -> list[str]:
    """The convolutions and poolings whose maps are shown: all, or some of very many."""
    names = [
        node.name
        for node in network.nodes
        if isinstance(node.layer, _SHOWN) and len(network.shapes[node.name]) == 3
    ]
    if len(names) <= _MOST_LAYERS:
        return names
    places = np.linspace(0, len(names) - 1, _MOST_LAYERS).round().astype(int)
    return [names[place] for place in places]


def _require_size(network: Network, needed: int) -> None:
    if needed > _MOST_BYTES:
        raise UnsupportedError(
            "web-too-large",
            "The network {name!r} needs {needed} MB in a page; browsers get along with "
            "{most} MB. Export it with --to onnx or --to torch, or train a smaller "
            "network.",
            name=network.name,
            needed=-(-needed // 10**6),
            most=_MOST_BYTES // 10**6,
        )


def _weights(made: Standalone, model: Model) -> bytes:
    """The parameters as they lie in the memory of the code, little-endian."""
    _, size = made.arenas["parameters"]
    flat = np.zeros(size // 4, "<f4")
    write_slots(made.slots, flat, model.parameters)
    return flat.tobytes()


def node_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What the files in a folder give for pixels (n, h, w, c), in Node.

    A phrase says why Node could not be asked. Raises InternalError
    (`export-web-failed`) where the code itself failed.
    """
    node = shutil.which("node")
    if node is None:
        return Phrase("not checked: Node is not installed")
    with TemporaryDirectory() as place:
        given, found = Path(place, "pixels"), Path(place, "outputs")
        given.write_bytes(pixels.tobytes())
        paths = [str(path.absolute()) for path in (folder, given, found)]
        command = [node, str(_SCRIPT), *paths]
        try:
            done = subprocess.run(
                [*command, str(len(pixels))],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                cwd=place,
                timeout=_PATIENCE_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return _not_here(type(error).__name__)
        if done.returncode == _NO_SIMD or done.returncode < 0:
            return _not_here(f"exit {done.returncode}")
        if done.returncode:
            raise InternalError(
                "export-web-failed",
                "Node does not run the WebAssembly that was made ({why}). This is a "
                "bug of mirada's; report it with the description of the network.",
                why=done.stderr.decode("utf-8", "replace").strip()[-_MOST_LETTERS:],
            )
        outputs = np.frombuffer(found.read_bytes(), "<f4").reshape(len(pixels), -1)
        return Answered(outputs, float(done.stdout))


def _not_here(why: str) -> Phrase:
    return Phrase("not checked: Node does not run here ({why})", why=why)
