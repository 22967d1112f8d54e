"""What a model does to its images before anything else, as our preprocessing."""

import numpy as np

from mirada.data.preprocessing import Preprocessing
from mirada.errors import FileError, Phrase, UsageError
from mirada.importing.graph import Graph, Input
from mirada.importing.imported import Normalization
from mirada.importing.values import Pixels
from mirada.network import Shape

__all__ = ["first_pixels", "preprocessing_of"]

_LARGEST_UNIT = 2.0
"""Means and deviations of pixels from 0 to 1 are below, those from 0 to 255 above."""


def first_pixels(graph: Graph, wanted: Shape | None) -> Pixels:
    """The input of a graph, before its nodes change it.

    Raises FileError (`onnx-input`), UsageError: `import-size`, `import-input`.
    """
    (given,) = graph.inputs
    sizes = given.sizes[1:]
    if len(given.sizes) != 4:
        raise _no_images(graph, given)
    last = sizes[0] not in (1, 3) and sizes[2] in (1, 3)
    known = (sizes[2], *sizes[:2]) if last else sizes
    shape = known if wanted is None else wanted
    if None in shape:
        raise UsageError(
            "import-size",
            "'{file}' takes images of any size ({sizes}), but a network has one. Name "
            "it: --input 3x224x224.",
            file=graph.file,
            sizes=_by(given),
        )
    if any(a not in (None, b) for a, b in zip(known, shape, strict=True)):
        raise UsageError(
            "import-input",
            "'{file}' takes images of {sizes}, so --input cannot be {wanted}. Leave it "
            "out, or name only what the file leaves open.",
            file=graph.file,
            sizes=_by(given),
            wanted="x".join(map(str, shape)),
        )
    channels, height, width = (int(n or 0) for n in shape)
    if channels not in (1, 3) or max(height, width) > 65536:
        raise _no_images(graph, given)
    ones = np.ones(channels)
    return Pixels((channels, height, width), ones, 0 * ones, last)


def _by(given: Input) -> str:
    return "x".join("?" if size is None else str(size) for size in given.sizes) or "-"


def _no_images(graph: Graph, given: Input) -> FileError:
    return FileError(
        "onnx-input",
        "'{file}' takes {sizes}; mirada reads networks that take images: a batch of 1 "
        "or 3 channels, height and width. Give a model of images.",
        file=graph.file,
        sizes=_by(given),
    )


def preprocessing_of(
    graph: Graph, pixels: Pixels, named: Normalization | None, notes: list[Phrase]
) -> Preprocessing:
    """The preprocessing whose outcome the first layer is given.

    What the graph does to its input counts; else what a person names; else pixels are
    taken from 0 to 1, of which `notes` tells. Raises UsageError
    (`import-normalized`), DataError of `Preprocessing`.
    """
    channels, height, width = pixels.shape
    whole = graph.inputs[0].whole
    changed = whole or (pixels.scale != 1).any() or (pixels.offset != 0).any()
    if changed and named is not None:
        raise UsageError(
            "import-normalized",
            "'{file}' normalizes its images itself, so --mean and --std would do it "
            "twice. Leave them out.",
            file=graph.file,
        )
    if changed:
        found = _of_graph(pixels, whole=whole, notes=notes)
    elif named is not None:
        found = named
    else:
        found = Normalization((0.0,), (1.0,))
        notes.append(
            Phrase(
                "Nothing in the file says how pixels are normalized: they are taken as "
                "pixel / 255. If it was trained otherwise (with ImageNet's --mean "
                "0.485,0.456,0.406 --std 0.229,0.224,0.225), name that."
            )
        )
    mean, std = (tuple(map(float, values)) for values in found)
    return Preprocessing((height, width), channels, "crop", mean, std)


def _of_graph(pixels: Pixels, *, whole: bool, notes: list[Phrase]) -> Normalization:
    """Mean and deviation of (x - mean) / std; their size tells what x goes up to."""
    mean, std = -pixels.offset / pixels.scale, 1 / pixels.scale
    up_to = (
        255.0 if whole or max(np.abs(mean).max(), std.max()) > _LARGEST_UNIT else 1.0
    )
    notes.append(
        Phrase(
            "The file normalizes its images itself, as pixels from 0 to {most:g}.",
            most=up_to,
        )
    )
    return Normalization(tuple(mean / up_to), tuple(std / up_to))
