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

__all__ = ["ABOUT", "CODE", "MODULE", "WEIGHTS", "node_outputs"]

CODE, WEIGHTS, ABOUT, MODULE = "model.wasm", "model.weights", "model.json", "model.mjs"
_SCRIPT = Path(__file__).with_name("node_answer.mjs")
_PATIENCE_S = 1800.0
_MOST_LETTERS = 300
_NOT_HERE = 77


def node_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What the files of a page give for pixels (n, h, w, c), in Node.

    A phrase says why Node could not be asked. Raises InternalError
    (`export-web-failed`) where the code itself failed.
    """
    node = shutil.which("node")
    if node is None:
        return Phrase("not checked: Node is not installed")
    with TemporaryDirectory() as place:
        given, found = Path(place, "pixels"), Path(place, "outputs")
        given.write_bytes(pixels.tobytes())
        paths = [str(path.absolute()) for path in (_SCRIPT, folder, given, found)]
        code, told = _ended([node, *paths, str(len(pixels))], place)
        if code == _NOT_HERE or code < 0:
            why = told or f"exit {code}"
            return Phrase("not checked: Node does not run here ({why})", why=why)
        if code:
            raise InternalError(
                "export-web-failed",
                "Node does not run the WebAssembly that was made ({why}). This is a "
                "bug of mirada's; report it with the description of the network.",
                why=told,
            )
        outputs = np.frombuffer(found.read_bytes(), "<f4").reshape(len(pixels), -1)
        return Answered(outputs, float(told))


def _ended(command: list[str], place: str) -> tuple[int, str]:
    """How a process ended, and what it said: where it ended well, on stdout."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd=place,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _NOT_HERE, type(error).__name__
    said = done.stderr if done.returncode else done.stdout
    told = said.decode("utf-8", "replace").strip()
    return done.returncode, told[-_MOST_LETTERS:]
