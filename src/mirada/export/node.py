"""What Node answers with the files of a page, asked in a process of its own.

It runs the very code of the page, as PyTorch runs the module that was written for it.
"""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mirada.errors import InternalError, Phrase
from mirada.export.format import Answered, Pixels
from mirada.export.process import not_here, not_installed, run

__all__ = ["ABOUT", "CODE", "MODULE", "WEIGHTS", "node_outputs"]

CODE, WEIGHTS, ABOUT, MODULE = "model.wasm", "model.weights", "model.json", "model.mjs"
_SCRIPT = Path(__file__).with_name("node_answer.mjs")
_NOT_HERE = 77


def node_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What the files of a page give for pixels (n, h, w, c), in Node.

    A phrase says why Node could not be asked. Raises InternalError
    (`export-web-failed`) where the code itself failed.
    """
    node = shutil.which("node")
    if node is None:
        return not_installed("Node")
    with TemporaryDirectory() as place:
        given, found = Path(place, "pixels"), Path(place, "outputs")
        given.write_bytes(pixels.tobytes())
        paths = [str(path.absolute()) for path in (_SCRIPT, folder, given, found)]
        try:
            ended = run([node, *paths, str(len(pixels))], Path(place))
        except (OSError, subprocess.TimeoutExpired) as error:
            return not_here("Node", type(error).__name__)
        if ended.code == _NOT_HERE or ended.code < 0:
            return not_here("Node", ended.words)
        if ended.code:
            raise InternalError(
                "export-web-failed",
                "Node does not run the WebAssembly that was made ({why}). This is a "
                "bug of mirada's; report it with the description of the network.",
                why=ended.words,
            )
        outputs = np.frombuffer(found.read_bytes(), "<f4").reshape(len(pixels), -1)
        return Answered(outputs, float(ended.output))
