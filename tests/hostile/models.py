"""Model files and checkpoints spoiled in every part, half of them signed anew.

A file that is only damaged ends at its digest. So that what is behind it is reached as
well, most changes are made by somebody who writes the digest again.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import mirada.network.remedy  # noqa: F401 (else imported under the watch)
from mirada.data import Preprocessing
from mirada.network import (
    BatchNorm2d,
    Concat,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    join,
    named,
)
from mirada.reference import initial_parameters
from mirada.training.model import Model, load_model, save_model
from tests.hostile.mutations import EVIL, mutated_bytes, mutated_tree, nested
from tests.hostile.tried import Told, tried

__all__ = ["examples", "spoiled", "try_all"]

_LENGTH = 8
_SHARES = (9, 9, 2)
"""How often each of `examples` is taken: the large one takes the time of many."""
_SLOW = 0.5
_PARTS = ("description", "classes", "preprocessing", "facts")


@cache
def examples(folder: Path) -> tuple[bytes, ...]:
    """Whole files: small networks of several kinds, and one of nearly 1 MB."""
    networks = [
        Network("small", (1, 8, 8), [Conv2d(4, 3), ReLU(), Flatten(), Linear(3)]),
        Network(
            "joined",
            (3, 8, 8),
            [
                named(Conv2d(4, 3, padding=1), "stem"),
                *(BatchNorm2d(), ReLU(), join(Concat(), "stem"), MaxPool2d(2)),
                *(Flatten(), Linear(2)),
            ],
        ),
        Network("large", (1, 28, 28), [Flatten(), Linear(300), ReLU(), Linear(10)]),
    ]
    return tuple(_written(folder / f"{n.name}.safetensors", n) for n in networks)


def _written(path: Path, network: Network) -> bytes:
    channels, height, width = network.input
    classes = tuple(f"class {number}" for number in range(network.output[0]))
    weights = {
        name: value.astype(np.float32)
        for name, value in initial_parameters(network, 0).items()
    }
    preprocessing = Preprocessing((height, width), channels)
    save_model(path, Model(network, weights, classes, preprocessing, {"data": "none"}))
    return path.read_bytes()


def spoiled(content: bytes, random: Random) -> bytes:
    """The file with something in it that should not be."""
    head = int.from_bytes(content[:_LENGTH], "little")
    table = json.loads(content[_LENGTH : _LENGTH + head])
    data = content[_LENGTH + head :]
    ways: Sequence[Callable[[], bytes]] = (
        lambda: mutated_bytes(content, random),
        lambda: _length(content, random),
        lambda: _signed(mutated_tree(table, random), data),
        lambda: _signed(_spoiled_part(table, random), data),
        lambda: _signed(_spoiled_part(table, random), data),
        lambda: _signed(table, _numbers(data, random)),
        lambda: _twice(table, data, random),
        lambda: random.randbytes(random.choice((0, 7, 8, 9, 100, 5000))),
    )
    return random.choice(ways)()


def _length(content: bytes, random: Random) -> bytes:
    """Another length of the header than it has."""
    true = int.from_bytes(content[:_LENGTH], "little")
    others = (0, 1, 2, true - 1, true + 1, 2**24, 2**32, 2**63, 2**64 - 1)
    return random.choice(others).to_bytes(_LENGTH, "little") + content[_LENGTH:]


def _spoiled_part(table: dict[str, Any], random: Random) -> dict[str, Any]:
    """A part of the metadata, which is JSON in JSON, with something wrong in it."""
    told = dict(table["__metadata__"])
    key = random.choice(_PARTS)
    way = random.randrange(4)
    if way < 2:
        told[key] = json.dumps(mutated_tree(json.loads(told[key]), random))
    elif way == 2:
        told[key] = mutated_bytes(told[key].encode(), random).decode("utf-8", "replace")
    else:
        told[key] = random.choice(
            (json.dumps(nested(900)), "[" * 100_000, "1" * 6000, str(EVIL[0]))
        )
    return {**table, "__metadata__": told}


def _numbers(data: bytes, random: Random) -> bytes:
    """Weights that are no numbers, or too large."""
    values = np.frombuffer(data, "<f4").copy()
    bad = np.array([np.nan, np.inf, -np.inf, 3e38], np.float32)
    values[random.randrange(len(values))] = bad[random.randrange(4)]
    return values.tobytes()


def _twice(table: dict[str, Any], data: bytes, random: Random) -> bytes:
    """A header in which a key stands twice, the second time with another value."""
    name = random.choice(list(table))
    text = json.dumps(table)[:-1] + f", {json.dumps(name)}: {json.dumps(table[name])}}}"
    return _framed(text.encode(), data)


def _signed(table: Any, data: bytes) -> bytes:
    """The file of a header and the data, with the digest that belongs to it."""
    told = table.get("__metadata__") if isinstance(table, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("digest"), str):
        return _framed(json.dumps(table).encode(), data)
    told = {**told, "digest": "0" * 64}
    text = json.dumps({**table, "__metadata__": told}).encode()
    whole = _framed(text, data)
    return whole.replace(b"0" * 64, sha256(whole).hexdigest().encode(), 1)


def _framed(text: bytes, data: bytes) -> bytes:
    return len(text).to_bytes(_LENGTH, "little") + text + data


def try_all(
    path: Path,
    cases: Sequence[int],
    load: Callable[[Path], object] = load_model,
) -> Told:
    """Loads a spoiled file for each number: it must refuse it, or give a model.

    Whatever else is raised goes through; the numbers make the same files again.
    """
    whole = examples(path.parent)
    for content in whole:  # nothing is imported for the first time under the watch
        path.write_bytes(content)
        load_model(path)

    def made(number: int) -> Callable[[], object]:
        random = Random(number)
        (content,) = random.choices(whole, _SHARES)
        path.write_bytes(spoiled(content, random))
        return partial(load, path)

    return tried(cases, made, _SLOW)
