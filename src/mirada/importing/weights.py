"""Files of weights by others with torchvision's names, as models of known networks.

A safetensors file holds numbers and their names, nothing else: which network they are
of must be said. Every name and every shape is checked before a number is read.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data.gate import open_plain
from mirada.data.naming import shown_path
from mirada.data.preprocessing import Preprocessing
from mirada.errors import FileError, Phrase, UsageError
from mirada.importing.imported import Imported, Normalization, class_names
from mirada.importing.torchvision import (
    COUNTER,
    has_torchvision_names,
    torchvision_names,
)
from mirada.models import MODELS, build
from mirada.network import Linear, Network, Shape
from mirada.network.field import shown
from mirada.network.layer import shape_text
from mirada.training import Model
from mirada.training.tensor_layout import Entry, Layout, open_layout

__all__ = ["IMAGENET", "imported_weights", "read_weights"]

IMAGENET = Normalization((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and deviation of ImageNet's pixels, which torchvision's weights were trained by.

Source: torchvision documentation, "Models and pre-trained weights".
"""

_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How files of `torch.save` begin, of new PyTorch and of old."""
_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_USUAL_CLASSES, _MOST_CLASSES = 1000, 65536
_NAMED = 3
_NORMALIZED = Phrase(
    "Pixels are normalized as torchvision does for ImageNet. If these weights were "
    "trained otherwise, say so with --mean and --std."
)
_TIMM = ("conv_stem.", "blocks.", "stem.", "stages.", "head.", "resnet.", "encoder.")

Entries = Mapping[str, Entry]


class _Misfit(NamedTuple):
    """How the arrays of a file differ from those of a network, by their names."""

    missing: list[str]
    unexpected: list[str]
    wrong: list[str]


def imported_weights(
    path: str | os.PathLike[str],
    network: str,
    *,
    classes: Sequence[str] | None = None,
    normalization: Normalization | None = None,
    input: Shape | None = None,
) -> Imported:
    """The known network of that name with the weights of a file.

    It takes images of the size that it was made for, or of `input`, and gives as many
    classes as the file's last layer. Numbers of other floating kinds become float32.
    Raises those of `models.build` and `open_layout`; UsageError (`weights-network`),
    FileError: `weights-pickle`, `weights-misfit`, `weights-numbers`, those of `Model`.
    """
    if network in MODELS and not has_torchvision_names(network):
        raise UsageError(
            "weights-network",
            "torchvision has no network {network!r}, so no file has its weights by "
            "torchvision's names. Name one of {known}.",
            network=network,
            known=", ".join(filter(has_torchvision_names, MODELS)),
        )
    made = build(network, input)
    notes: list[Phrase] = []
    with _opened(path) as (layout, entries):
        made = _sized(made, entries)
        parameters = _parameters(layout, made, entries)
        notes += _conversions(made, entries)
    channels, height, width = made.input
    names = class_names(made.output[0], classes, notes)
    if normalization is None:
        normalization = IMAGENET
        notes.append(_NORMALIZED)
    pixels = Preprocessing(
        (height, width),
        channels,
        mean=tuple(normalization.mean),
        std=tuple(normalization.std),
    )
    facts = {"imported": "torchvision"}
    try:
        model = Model(made, parameters, names, pixels, facts)
    except FileError as error:
        raise error.told(file=f"'{layout.name}'") from None
    return Imported(model, tuple(notes), "torchvision", None)


def read_weights(
    path: str | os.PathLike[str], network: Network
) -> dict[str, NDArray[np.float32]]:
    """The parameters of a network of torchvision's, of any input and classes.

    Raises those of `open_layout`; FileError: `weights-pickle`, `weights-misfit`,
    `weights-numbers`.
    """
    with _opened(path) as (layout, entries):
        return _parameters(layout, network, entries)


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[tuple[Layout, Entries]]:
    _refuse_pickle(path)
    with open_layout(path) as layout:
        named = layout.entries.items()
        yield layout, {n: e for n, e in named if not n.endswith(f".{COUNTER}")}


def _refuse_pickle(path: str | os.PathLike[str]) -> None:
    with open_plain(path) as stream:
        start = stream.read(4)
    if start.startswith(_PICKLES):
        name = Path(path).name
        raise FileError(
            "weights-pickle",
            "'{file}' was written by torch.save: loading it can run any program that "
            "its author put in, so mirada does not. Convert it once, where PyTorch is "
            "installed: {recipe}",
            file=shown_path(path),
            recipe=(
                "import torch, safetensors.torch; safetensors.torch.save_file("
                f"torch.load({name!r}, weights_only=True), 'weights.safetensors')"
            ),
        )


def _sized(network: Network, entries: Entries) -> Network:
    """The network with as many classes as the last layer in the file."""
    last = next(n for n in reversed(network.nodes) if isinstance(n.layer, Linear))
    head = entries.get(torchvision_names(network)[f"{last.name}.weight"])
    if head is None or len(head.shape) != 2 or not head.shape[0]:
        return network
    return build(network.name, network.input, min(head.shape[0], _MOST_CLASSES))


def _misfit(network: Network, entries: Entries) -> _Misfit:
    names = torchvision_names(network)
    wanted = {names[name]: item.shape for name, item in network.parameters.items()}
    return _Misfit(
        [name for name in wanted if name not in entries],
        [name for name in entries if name not in wanted],
        [
            f"{name} {shape_text(entries[name].shape)}"
            for name, shape in wanted.items()
            if name in entries and entries[name].shape != shape
        ],
    )


def _require_fit(layout: Layout, network: Network, entries: Entries) -> None:
    found = _misfit(network, entries)
    if not any(found):
        return
    raise FileError(
        "weights-misfit",
        "'{file}' does not hold the weights of {network}. Missing: {missing}. Not of "
        "{network}: {unexpected}. Of another shape: {wrong}. {hint}",
        file=layout.name,
        network=network.name,
        hint=_hint(network.name, entries),
        **{part: _first(names) for part, names in found._asdict().items()},
    )


def _first(names: Sequence[str]) -> str:
    """How many they are, and the first of them."""
    if not names:
        return "0"
    told = ", ".join(shown(name, 60) for name in names[:_NAMED])
    return f"{len(names)} ({told}{', ...' if len(names) > _NAMED else ''})"


def _hint(network: str, entries: Entries) -> Phrase:
    for other in filter(has_torchvision_names, MODELS):
        if not any(_misfit(_sized(build(other), entries), entries)):
            return Phrase("These are the weights of {other}: name that.", other=other)
    if any(name.startswith(_TIMM) for name in entries):
        return Phrase(
            "These look like names of timm or transformers; torchvision's are needed, "
            "such as those of torchvision.models.{network}().state_dict().",
            network=network,
        )
    return Phrase(
        "Take the file of torchvision.models.{network}().state_dict(), whole and "
        "unchanged.",
        network=network,
    )


def _parameters(
    layout: Layout, network: Network, entries: Entries
) -> dict[str, NDArray[np.float32]]:
    _require_fit(layout, network, entries)
    names = torchvision_names(network)
    for name in names.values():
        if entries[name].kind not in _FLOATS:
            raise FileError(
                "weights-numbers",
                "'{file}' holds {name!r} in numbers of the kind {kind}; floating ones "
                "are needed ({known}). Save the weights before they are quantized.",
                file=layout.name,
                name=name,
                kind=entries[name].kind,
                known=", ".join(_FLOATS),
            )
    layout.require_memory(4 * sum(prod(entry.shape) for entry in entries.values()))
    return {own: _floats(layout, entries[name]) for own, name in names.items()}


def _floats(layout: Layout, entry: Entry) -> NDArray[np.float32]:
    """The numbers of an array as float32; bfloat16 is the upper half of one."""
    given = np.frombuffer(layout.bytes_of(entry), _FLOATS[entry.kind])
    if entry.kind == "BF16":
        given = (given.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(over="ignore"):
        return given.astype(np.float32, copy=False).reshape(entry.shape)


def _conversions(network: Network, entries: Entries) -> Iterator[Phrase]:
    kinds = {entry.kind for entry in entries.values()} - {"F32"}
    if kinds:
        yield Phrase(
            "Its numbers are {kinds}, and are converted to float32.",
            kinds=", ".join(sorted(kinds)),
        )
    if network.output != (_USUAL_CLASSES,):
        yield Phrase(
            "Its last layer has {count} classes, not ImageNet's {usual}.",
            count=network.output[0],
            usual=_USUAL_CLASSES,
        )
