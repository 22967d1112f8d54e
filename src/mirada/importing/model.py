"""An ONNX file of a network that tells images apart, as a model of mirada's."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mirada.errors import FileError, Phrase, UnsupportedError
from mirada.importing import (
    activation,
    arithmetic,
    convolution,
    join,
    linear,
    normalization,
    pooling,
    resize,
    shaping,
)
from mirada.importing.folding import fold
from mirada.importing.graph import Graph, Operation, told
from mirada.importing.imported import Imported, Normalization, class_names
from mirada.importing.naming import legal_name
from mirada.importing.network import network_of
from mirada.importing.onnx import read_graph
from mirada.importing.pixels import first_pixels, preprocessing_of
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature
from mirada.network import Network, Shape
from mirada.training import Model
from mirada.training.model import Parameters, model_of
from mirada.training.scores import class_count

__all__ = ["HANDLERS", "read_onnx"]

_MOST_NAMED = 20
_MOST_CLASSES = 2**20
_DESCRIPTION = "description"
_BETWEEN = "/"
"""In the names of the constants that mirada adds to a layer's own parameters."""

HANDLERS: Mapping[str, Handler] = {
    **arithmetic.HANDLERS,
    **activation.HANDLERS,
    **convolution.HANDLERS,
    **join.HANDLERS,
    **linear.HANDLERS,
    **normalization.HANDLERS,
    **pooling.HANDLERS,
    **resize.HANDLERS,
    **shaping.HANDLERS,
}
"""Every operator that becomes a layer, or part of one."""


class _Carrier(NamedTuple):
    name: str
    metadata: Mapping[str, str]


@np.errstate(all="ignore")  # a file's numbers may be anything; what comes is checked
def read_onnx(
    path: str | os.PathLike[str],
    *,
    classes: Sequence[str] | None = None,
    normalization: Normalization | None = None,
    input: Shape | None = None,
) -> Imported:
    """The network of an ONNX file with its weights, classes and preprocessing.

    A file that mirada wrote, and nobody changed, gives the model that it was written
    of. Of any other the graph is read; `classes` are the names of its outputs,
    `normalization` what is done to pixels before (both where the file itself is
    silent), and `input` is the size that it leaves open.

    Raises those of `read_graph`, `first_pixels` and `preprocessing_of`; FileError:
    `onnx-inputs`, `onnx-order`, `onnx-output` and those of `model_of`;
    UnsupportedError (`onnx-nodes`), MemoryLimitError (`onnx-sharing`).
    """
    graph = read_graph(path)
    _require_single(graph)
    own = graph.untouched and _DESCRIPTION in graph.metadata
    if own and normalization is None and input is None:
        model = _own(graph)
        if classes is not None:
            model = replace(model, classes=tuple(classes))
        return Imported(model, (), graph.producer, graph.opset)
    reader = Reader(graph, first_pixels(graph, input), activation.recognized)
    found = reader.read(HANDLERS, fold)
    if reader.unfit:
        raise _unfit(graph, reader)
    network, parameters = _network(graph, reader, found, Path(path).stem)
    notes = reader.notes
    seen = reader.normalized
    assert seen is not None  # the output depends on a layer, and this on the input
    preprocessing = preprocessing_of(graph, seen, normalization, notes)
    names = _classes(graph, class_count(network), classes, notes)
    if graph.converted:
        notes.append(Phrase("Its numbers are not float32, and are converted to it."))
    facts = {"imported": "onnx", "producer": told(graph.producer)}
    try:
        model = Model(network, parameters, names, preprocessing, facts)
    except FileError as error:
        raise error.told(file=f"'{graph.file}'") from None
    return Imported(model, tuple(notes), graph.producer, graph.opset)


def _require_single(graph: Graph) -> None:
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise FileError(
            "onnx-inputs",
            "'{file}' takes {inputs} inputs and gives {outputs} outputs; a network "
            "that tells images apart has one of each. Export it with those alone.",
            file=graph.file,
            inputs=len(graph.inputs),
            outputs=len(graph.outputs),
        )


def _own(graph: Graph) -> Model:
    """The model that mirada wrote into the file; its parameters keep their names."""
    arrays = {
        name: np.asarray(value, np.float32)
        for name, value in graph.constants.items()
        if _BETWEEN not in name
    }
    shapes = {name: value.shape for name, value in arrays.items()}
    return model_of(_Carrier(graph.file, graph.metadata), shapes, lambda: arrays)


def _network(
    graph: Graph, reader: Reader, found: object, stem: str
) -> tuple[Network, Parameters]:
    made = found.made if isinstance(found, Feature) and not found.order else None
    if made is not None and reader.normalized is not None:
        name, shape = legal_name(stem) or "imported", reader.normalized.shape
        network, parameters = network_of(name, shape, made)
        if 0 < class_count(network) <= _MOST_CLASSES:
            return network, parameters
    raise FileError(
        "onnx-output",
        "'{file}' does not give one number for each class at its end, so mirada cannot "
        "say what it sees. Export it up to the layer that does.",
        file=graph.file,
    )


def _classes(
    graph: Graph, count: int, named: Sequence[str] | None, notes: list[Phrase]
) -> tuple[str, ...]:
    """The classes by the names that were given, or the file's, or numbers."""
    if named is not None:
        return tuple(named)
    try:
        held = json.loads(graph.metadata.get("classes", ""))
    except (ValueError, RecursionError):
        held = None
    if (
        isinstance(held, list)
        and len(held) == count
        and all(isinstance(name, str) for name in held)
    ):
        return tuple(held)
    return class_names(count, None, notes)


def _unfit(graph: Graph, reader: Reader) -> UnsupportedError:
    errors = list(reader.unfit.values())
    lines = [_line(one.operation, one.reason) for one in errors[:_MOST_NAMED]]
    more = len(errors) - len(lines)
    return UnsupportedError(
        "onnx-nodes",
        "'{file}' has {count} nodes that no layer of mirada stands for: {nodes}{more}. "
        "Put other layers in their place in the program that made the model, and "
        "export it again.",
        file=graph.file,
        count=len(errors),
        nodes=_Listed(lines),
        more=", ..." if more else "",
    )


def _line(operation: Operation, reason: object) -> Phrase:
    kind = told(operation.kind)
    if operation.domain:
        kind = f"{told(operation.domain)}.{kind}"
    return Phrase(
        "{kind} {name!r} that gives {output!r} ({reason})",
        kind=kind,
        name=told(operation.name),
        output=told(operation.outputs[0]) if operation.outputs else "-",
        reason=reason,
    )


class _Listed(tuple[Phrase, ...]):
    """Phrases one after the other, read in the language then in use."""

    def __format__(self, spec: str) -> str:
        return ", ".join(map(str, self))
