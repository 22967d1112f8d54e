"""ONNX files spoiled in their bytes and in every field of their messages.

A third of the spoiled messages are signed anew, so that what mirada does with a file of
its own is reached as well.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx

import mirada.network.remedy  # noqa: F401 (else imported under the watch)
from mirada.data import Preprocessing
from mirada.export.onnx import onnx_bytes
from mirada.export.onnx_graph import onnx_graph
from mirada.importing import read_onnx
from mirada.network import (
    GELU,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Upsample,
    join,
    named,
)
from mirada.reference import initial_parameters
from mirada.training.model import Model, model_metadata
from tests.hostile.mutations import mutated_bytes
from tests.hostile.tried import Told, tried

__all__ = ["examples", "spoiled", "try_all"]

_SHARES = (9, 9, 2)
_SLOW = 0.5
_WHOLE = (-1, 0, 1, 2, 3, 7, 16, 255, 2**15, 2**31 - 1)
_WIDE = (*_WHOLE, -(2**63), 2**31, 2**40, 2**63 - 1)
_REAL = (0.0, -1.0, 1e-45, 3e38, float("nan"), float("inf"))
_TEXT = ("", "x", "image", "../../etc/passwd", "<script>", "a\nb", "%s" * 2000)
_KINDS = ("If", "Loop", "Conv", "Add", "Mul", "Reshape", "Expand", "Constant", "")


@cache
def examples() -> tuple[bytes, ...]:
    """Whole files: of most operators, one that mirada signed, one of nearly 1 MB."""
    networks = (
        Network(
            "joined",
            (3, 8, 8),
            [
                named(Conv2d(4, 3, padding=1), "stem"),
                *(BatchNorm2d(), ReLU(), join(Concat(), "stem"), MaxPool2d(2)),
                *(ConvTranspose2d(3, 2, 2), GELU(), AvgPool2d(2), Upsample(2)),
                *(Flatten(), Linear(2)),
            ],
        ),
        Network("small", (1, 8, 8), [Conv2d(4, 3), ReLU(), Flatten(), Linear(3)]),
        Network("large", (1, 28, 28), [Flatten(), Linear(300), ReLU(), Linear(10)]),
    )
    return tuple(_written(network, network.name == "small") for network in networks)


def _written(network: Network, signed: bool) -> bytes:
    channels, height, width = network.input
    classes = tuple(f"class {number}" for number in range(network.output[0]))
    drawn = initial_parameters(network, 0)
    weights = {name: value.astype(np.float32) for name, value in drawn.items()}
    seen = Preprocessing((height, width), channels)
    model = Model(network, weights, classes, seen)
    graph = onnx_graph(network, weights, seen)
    return onnx_bytes(graph, model_metadata(model) if signed else {})


def spoiled(content: bytes, random: Random) -> bytes:
    """The file with something in it that should not be."""
    if random.random() < 0.3:
        return mutated_bytes(content, random)
    model = onnx.ModelProto()
    model.ParseFromString(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        _spoil(model, random)
    if random.random() < 0.3:
        _sign(model)
    found: bytes = model.SerializeToString()
    return found


def _spoil(model: Any, random: Random) -> None:
    """Changes one field somewhere, each message as likely as any other."""
    places: list[tuple[Any, Any]] = []
    waiting = [model]
    while waiting:
        message = waiting.pop()
        for field, value in message.ListFields():
            places.append((message, field))
            if field.type == field.TYPE_MESSAGE:
                waiting += value if field.is_repeated else [value]
    if not places:
        return
    message, field = random.choice(places)
    if field.is_repeated:
        _spoil_list(getattr(message, field.name), field, random)
    elif field.type == field.TYPE_MESSAGE:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _other(field, message, random))


def _spoil_list(values: Any, field: Any, random: Random) -> None:
    place = random.randrange(len(values))
    way = random.randrange(3)
    if way == 0:
        del values[place]
    elif way == 1:
        values.extend([values[place]] * random.choice((1, 1, 500)))
    elif field.type != field.TYPE_MESSAGE:
        values[place] = _other(field, None, random)


def _other(field: Any, message: Any, random: Random) -> Any:
    """Another value of the field's own kind."""
    if field.type == field.TYPE_STRING:
        return random.choice(_KINDS if field.name == "op_type" else _TEXT)
    if field.type == field.TYPE_BYTES:
        old = b"SAME_LOWER" if message is None else getattr(message, field.name)
        return mutated_bytes(old, random)
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return random.choice(_REAL)
    if field.type == field.TYPE_ENUM:
        return random.choice([one.number for one in field.enum_type.values])
    return random.choice(_WIDE if field.type == field.TYPE_INT64 else _WHOLE)


def _sign(model: Any) -> None:
    """The digest of the graph as it is now."""
    digest = sha256(model.graph.SerializeToString(deterministic=True)).hexdigest()
    for entry in model.metadata_props:
        if entry.key == "graph_sha256":
            entry.value = digest


def try_all(
    path: Path,
    cases: Sequence[int],
    load: Callable[[Path], object] = read_onnx,
) -> Told:
    """Reads a spoiled file for each number: it must refuse it, or give a model.

    Whatever else is raised goes through; the numbers make the same files again.
    """
    whole = examples()
    for content in whole:  # nothing is imported for the first time under the watch
        path.write_bytes(content)
        read_onnx(path)

    def made(number: int) -> Callable[[], object]:
        random = Random(number)
        (content,) = random.choices(whole, _SHARES)
        path.write_bytes(spoiled(content, random))
        return partial(load, path)

    return tried(cases, made, _SLOW)
