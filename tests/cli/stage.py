"""A folder in which every example of `--help` can be run: images, networks, a run."""

import shutil
from contextlib import chdir
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.cli import main
from mirada.data import load
from tests.data.pictures import idx_bytes

__all__ = [
    "copied",
    "died",
    "digit",
    "example_folder",
    "photos",
    "picture_of",
    "trained_examples",
]

EXAMPLE, PHOTOS = Path("runs", "example"), Path("models", "photos")


def example_folder(root: Path) -> Path:
    """Data to train on: `flowers` and `photos` (image folders), `mnist` (IDX files)."""
    photos(root / "photos", {"dark": 10, "light": 10})
    photos(root / "flowers", {"daisy": 8, "roses": 8, "tulips": 8}, size=(16, 12))
    _write_idx(root / "mnist", train=300, test=60)
    Image.fromarray(digit(0, 4)).save(root / "image.png")
    return root


def trained_examples(root: Path) -> None:
    """A run on the digits in `runs/example`, and one on photos in `models/photos`.

    Both are trained by the command line itself.
    """
    with chdir(root):
        for data, out, epochs in (("digits", EXAMPLE, 8), ("photos", PHOTOS, 1)):
            words = ["train", data, "--out", str(out), "--epochs", str(epochs)]
            assert main(["--quiet", "--lang", "en", *words]) == 0


def photos(
    root: Path, classes: dict[str, int], size: tuple[int, int] = (12, 10)
) -> Path:
    """A folder of colour images whose classes differ in brightness: easily learned."""
    for place, (label, count) in enumerate(classes.items()):
        for number in range(count):
            path = root / label / f"{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture_of(place, len(classes), number, size).save(path)
    return root


def picture_of(
    place: int, classes: int, number: int, size: tuple[int, int] = (12, 10)
) -> Image.Image:
    """The image of that number of a class, noise around the class's own grey."""
    drawn = np.random.default_rng([place, number])
    noise = drawn.integers(0, 40, (size[1], size[0], 3))
    grey = 200 * place // max(classes - 1, 1)
    return Image.fromarray((noise + grey).astype(np.uint8))


def digit(number: int, larger: int = 1) -> NDArray[np.uint8]:
    """One of the digits that come with mirada, each pixel so many times larger."""
    image = load("digits").images[number, :, :, 0]
    return image.repeat(larger, axis=0).repeat(larger, axis=1)


def _write_idx(root: Path, train: int, test: int) -> None:
    """Digits of 28x28 (24x24 and a border), in the files of the MNIST family."""
    root.mkdir()
    labels = load("digits").labels.astype(np.uint8)
    for head, first, last in (("train", 0, train), ("t10k", train, train + test)):
        images = np.stack([np.pad(digit(n, 3), 2) for n in range(first, last)])
        path = root / f"{head}-images-idx3-ubyte"
        path.write_bytes(idx_bytes(images))
        path = root / f"{head}-labels-idx1-ubyte"
        path.write_bytes(idx_bytes(labels[first:last]))


def copied(root: Path, to: Path) -> Path:
    """A copy that a test may write into."""
    shutil.copytree(root, to, dirs_exist_ok=True)
    return to


def died(run: Path) -> None:
    """Leaves in a run what a process leaves that dies in machine code."""
    head = '{"step": 7, "network": "digits", "engine": "native", "isa": "native"}'
    where = 'File "mirada/engines/prepared.py", line 1 in _call'
    trace = f"Current thread 0x01 (most recent call first):\n  {where}\n"
    text = f"{head}\nFatal Python error: Illegal instruction\n\n{trace}"
    (run / "running.txt").write_text(text)
