"""What PyTorch answers with an exported module, asked in a process of its own.

Elsewhere mirada neither needs nor loads PyTorch, and whatever an installation of it
does, a crash included, happens to that process.
"""

import os
import subprocess
import sys
import threading
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mirada.errors import InternalError, Phrase
from mirada.export.format import Answered, Pixels, one_image_ms

__all__ = ["MODULE", "WEIGHTS", "answer", "torch_outputs"]

MODULE, WEIGHTS = "model.py", "model.safetensors"
_START = "from mirada.export.torch import answer; answer()"
_BATCH = 16
_NO_TORCH = 77
_PATIENCE_S = 1800.0
_MOST_LETTERS = 300


def torch_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What the module in a folder gives for pixels (n, h, w, c), in float32.

    A phrase says why PyTorch could not be asked. Raises InternalError
    (`export-torch-failed`) where the module itself failed.
    """
    if find_spec("torch") is None:
        return Phrase("not checked: PyTorch is not installed")
    with TemporaryDirectory() as place:
        given, found = Path(place, "pixels.npy"), Path(place, "outputs.npz")
        np.save(given, pixels, allow_pickle=False)
        paths = [os.fspath(path.absolute()) for path in (folder, given, found)]
        code, words = _asked(paths)
        if code == _NO_TORCH or code < 0:
            return Phrase("not checked: PyTorch does not run here ({why})", why=words)
        if code:
            raise InternalError(
                "export-torch-failed",
                "PyTorch does not run the module that was made ({why}). This is a bug "
                "of mirada's; report it with the description of the network.",
                why=words,
            )
        with np.load(found, allow_pickle=False) as arrays:
            outputs = np.asarray(arrays["outputs"], np.float32)
            return Answered(outputs, float(arrays["latency_ms"]))


def _asked(paths: list[str]) -> tuple[int, str]:
    """How the other process ended, and its last words."""
    path = os.pathsep.join(filter(None, sys.path))
    held, open_end = os.pipe()  # closed when this process ends, however it does
    try:
        # -P: a `torch.py` in the folder that a person works in is not executed.
        done = subprocess.run(
            [sys.executable, "-P", "-c", _START, *paths],
            env={**os.environ, "PYTHONPATH": path},
            stdin=held,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return _NO_TORCH, "timeout"
    finally:
        os.close(held)
        os.close(open_end)
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1] if lines else f"exit {done.returncode}"
    return done.returncode, last[:_MOST_LETTERS]


def _end_with_asker() -> None:
    os.read(0, 1)
    os._exit(_NO_TORCH)


def answer() -> None:
    """The other process: answers the pixels of one file into another.

    It is gone as soon as who asked is.
    """
    threading.Thread(target=_end_with_asker, daemon=True).start()
    folder, given, found = map(Path, sys.argv[1:4])
    try:
        import torch
    except (ImportError, OSError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(_NO_TORCH) from None
    spec = spec_from_file_location("model", folder / MODULE)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.load(os.fspath(folder / WEIGHTS))
    pixels = np.load(given, allow_pickle=False)
    batches = [
        pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH)
    ]
    # NNPACK may compute convolutions by Winograd's algorithm, which rounds otherwise.
    with torch.inference_mode(), torch.backends.nnpack.flags(enabled=False):
        outputs = [model(module.preprocess(batch)).numpy() for batch in batches]
        latency = one_image_ms(lambda one: model(module.preprocess(one)), pixels)
    np.savez(found, outputs=np.concatenate(outputs), latency_ms=latency)
