"""A trained network as one value, and the file that carries it.

The file is safetensors: the parameters, and in its metadata the description of the
network, the class names and the preprocessing. Nothing in it can be executed; every
part is checked against the others before it is used.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from mirada import engines
from mirada.data.preprocessing import Preprocessing
from mirada.engines import Engine
from mirada.errors import FileError, MiradaError
from mirada.network import Network, Recipe
from mirada.network.file import from_json, to_json
from mirada.training.disk import Disk
from mirada.training.scores import (
    class_count,
    mean_outputs,
    mirror_images,
    probabilities,
)
from mirada.training.tensors import open_tensors, write_tensors
from mirada.version import __version__

__all__ = [
    "KIND",
    "Carrier",
    "Model",
    "load_model",
    "model_metadata",
    "model_of",
    "save_model",
]

SCHEMA = 1
KIND = "mirada model"
"""What a file of ours says that it is."""

_CHUNK = 256
_UNNAMED = "Model"
"""What a model that is of no file is called in messages."""
_MOST_LETTERS = 1000

Parameters = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Model:
    """A network, its parameters, its class names and what is done to images before it.

    `facts` tell where it comes from (the epoch, its validation accuracy).

    Raises FileError: `model-classes`, `model-input`, `model-parameters`,
    `model-not-finite`.
    """

    network: Network
    parameters: Parameters = field(repr=False)
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_classes(self.network, self.classes)
        _require_input(self.network, self.preprocessing)
        shapes = {name: value.shape for name, value in self.parameters.items()}
        _require_shapes(self.network, shapes)
        for name, value in self.parameters.items():
            if not np.isfinite(value).all():
                raise FileError(
                    "model-not-finite",
                    "{file}: the parameter {name!r} holds NaN or infinity. The file is "
                    "of no use; take another one, or train again.",
                    file=_UNNAMED,
                    name=name,
                )

    def engine(
        self,
        name: str = "native",
        threads: int | None = None,
        *,
        isa: str | None = None,
        exact: bool = False,
        precision: str = "float32",
    ) -> Engine:
        """An engine of that name which holds the parameters; see `engines.create`."""
        recipe = Recipe(batch_size=1)
        found = engines.create(
            name,
            self.network,
            recipe,
            threads,
            isa=isa,
            exact=exact,
            precision=precision,
            trains=False,
        )
        found.load_parameters(self.parameters)
        return found

    @property
    def flips(self) -> bool:
        """Whether the run answered its held-out images with their mirror images."""
        return self.facts.get("flips") is True

    def predict(
        self,
        images: NDArray[np.uint8],
        engine: Engine | None = None,
        *,
        flips: bool | None = None,
    ) -> NDArray[np.float64]:
        """The probability of every class, (n, classes), for uint8 images (n, h, w, c).

        The images have the size and channels of `preprocessing`, whose `pixels` makes
        them of a file. Without `engine` the native one is made once and kept. With
        `flips` it is the mean of an image's and its mirror image's; None asks for what
        the run did.
        """
        used = engine or self._engine
        turns = self.flips if flips is None else flips
        rows = [np.empty((0, len(self.classes)))]
        for start in range(0, len(images), _CHUNK):
            batch = self.preprocessing.normalize(images[start : start + _CHUNK])
            outputs: NDArray[np.floating] = used.predict(batch)
            if turns:
                turned = used.predict(mirror_images(batch))
                outputs = mean_outputs(self.network, outputs, turned)
            rows.append(probabilities(self.network, outputs))
        return np.concatenate(rows)

    @cached_property
    def _engine(self) -> Engine:
        return self.engine()


def save_model(path: Path, model: Model, disk: Disk | None = None) -> None:
    """Writes a model to a file, whole or not at all: the same model, the same bytes.

    Raises StorageError (`cannot-write`).
    """
    write_tensors(path, model.parameters, model_metadata(model), disk)


def load_model(path: str | os.PathLike[str]) -> Model:
    """The model in a file, nothing in it taken on trust.

    Raises DataError of `data.gate.open_plain`; FileError: those of `open_tensors` and
    `Model`, `model-kind`, `model-schema`, `model-part`.
    """
    with open_tensors(path) as file:
        return model_of(file, file.shapes, file.arrays)


class Carrier(Protocol):
    """A file that carries a model: what it is called, and its metadata."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What it tells besides its numbers."""


def model_metadata(model: Model) -> dict[str, str]:
    """All of a model but its numbers, as text by name; `model_of` reads it."""
    return {
        "kind": KIND,
        "schema": str(SCHEMA),
        "version": __version__,
        "description": to_json(model.network),
        "classes": _plain(list(model.classes)),
        "preprocessing": _plain(model.preprocessing.to_dict()),
        "facts": _plain(dict(model.facts)),
    }


def model_of(
    file: Carrier,
    shapes: Mapping[str, tuple[int, ...]],
    arrays: Callable[[], Parameters],
) -> Model:
    """The model of a file's metadata and arrays; their shapes are checked first.

    Raises FileError: those of `Model`, `model-kind`, `model-schema`, `model-part`.
    """
    _require_kind(file)
    network = _network(file)
    classes = _classes(file)
    preprocessing = _preprocessing(file)
    facts = _part(file, "facts", dict)
    try:
        _require_shapes(network, shapes)  # before a byte of them is read
        return Model(network, arrays(), classes, preprocessing, facts)
    except FileError as error:
        if error.values.get("file") != _UNNAMED:
            raise  # it is of the file's own layout, and names the file
        raise error.told(file=f"'{file.name}'") from None


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _require_kind(file: Carrier) -> None:
    kind = file.metadata.get("kind", "-")
    if kind != KIND:
        raise FileError(
            "model-kind",
            "'{file}' is a '{kind}', not a '{wanted}'. Give best.safetensors or "
            "last.safetensors of a run, or the folder of the run.",
            file=file.name,
            kind=kind[:40],
            wanted=KIND,
        )
    schema = file.metadata.get("schema", "-")
    if schema != str(SCHEMA):
        raise FileError(
            "model-schema",
            "'{file}' has schema '{schema}'; this version of mirada ({version}) reads "
            "schema {known}. Install a newer mirada.",
            file=file.name,
            schema=schema[:40],
            version=__version__,
            known=SCHEMA,
        )


def _network(file: Carrier) -> Network:
    try:
        return from_json(file.metadata.get("description", "")).network
    except MiradaError as error:
        _refuse_part(file, "description", error)


def _classes(file: Carrier) -> tuple[str, ...]:
    names = _part(file, "classes", list)
    if not all(isinstance(name, str) for name in names):
        _refuse_part(file, "classes", "a name that is no text")
    return tuple(names)


def _preprocessing(file: Carrier) -> Preprocessing:
    try:
        return Preprocessing.from_dict(_part(file, "preprocessing", dict))
    except FileError:
        raise
    except MiradaError as error:
        _refuse_part(file, "preprocessing", error)


def _part(file: Carrier, key: str, kind: type) -> Any:
    try:
        value = json.loads(file.metadata.get(key, ""))
    except (ValueError, RecursionError) as error:
        _refuse_part(file, key, str(error))
    if not isinstance(value, kind):
        _refuse_part(file, key, type(value).__name__)
    return value


def _refuse_part(file: Carrier, part: str, reason: object) -> NoReturn:
    raise FileError(
        "model-part",
        "'{file}' has a part '{part}' that cannot be used ({reason}). It was damaged "
        "or changed; copy it again from its source, or train again.",
        file=file.name,
        part=part,
        reason=reason,
    ) from None


def _require_classes(network: Network, classes: tuple[str, ...]) -> None:
    count = class_count(network)
    fine = all(0 < len(name) <= _MOST_LETTERS for name in classes)
    if not fine or len(set(classes)) != len(classes) or len(classes) != count:
        raise FileError(
            "model-classes",
            "{file}: the network answers with {count} numbers an image, but there are "
            "{names} class names, or some of them are empty, equal or longer than "
            "{most} letters. One name for each number is needed.",
            file=_UNNAMED,
            count=count,
            names=len(classes),
            most=_MOST_LETTERS,
        )


def _require_input(network: Network, preprocessing: Preprocessing) -> None:
    wanted = (preprocessing.channels, *preprocessing.size)
    if network.input != wanted:
        raise FileError(
            "model-input",
            "{file}: the network takes {needed} (channels x height x width), but the "
            "preprocessing gives {given}. They must agree.",
            file=_UNNAMED,
            needed="x".join(map(str, network.input)),
            given="x".join(map(str, wanted)),
        )


def _require_shapes(network: Network, given: Mapping[str, tuple[int, ...]]) -> None:
    wanted = {name: item.shape for name, item in network.parameters.items()}
    for name in {**wanted, **given}:
        if wanted.get(name) != given.get(name):
            raise FileError(
                "model-parameters",
                "{file}: the parameter {name!r} should have the shape {wanted} by the "
                "description of the network, and has {given}. The file does not fit "
                "its own description; take another one, or train again.",
                file=_UNNAMED,
                name=name,
                wanted=_shown(wanted.get(name)),
                given=_shown(given.get(name)),
            )


def _shown(shape: tuple[int, ...] | None) -> str:
    return "-" if shape is None else "x".join(map(str, shape)) or "1"
