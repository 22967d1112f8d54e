"""A network by its name: a file, a known network, or sizes."""

import re
from collections.abc import Sequence
from pathlib import Path

from mirada import models
from mirada.errors import UsageError
from mirada.near_names import did_you_mean
from mirada.network import Network, Shape
from mirada.network.file import Description, read

__all__ = ["described", "layer_named"]

_WEIGHTS = ".safetensors"
_SUFFIXES = (".toml", ".json", _WEIGHTS)
_SIZES = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})+", re.ASCII)
_MOST_NAMED = 40


def described(
    name: str, input: Shape | None = None, classes: int | None = None
) -> Description:
    """The description that a file holds, a known network has, or sizes stand for.

    A run, or a file of weights, has the description of its network. Sizes as in
    784-100-10 are those of a fully connected network. `input` takes the place of the
    input that is written there; `classes` is for known networks only.
    Raises `UsageError` for a name that is none of them.
    """
    path = Path(name)
    if name in models.MODELS and not path.is_file():
        return Description(models.build(name, input, classes))
    if _SIZES.fullmatch(name) and not path.is_file():
        return Description(_of_sizes(name, input, classes))
    run = path.is_dir() and any(path.glob(f"*{_WEIGHTS}"))
    if not (run or path.is_file() or path.suffix in _SUFFIXES):
        raise _neither(name)
    if classes is not None:
        raise UsageError(
            "classes-of-file",
            "--classes changes a known network; {file!r} says itself how many classes "
            "it has. Change its last layer.",
            file=name,
        )
    description = _trained(path) if run or path.suffix == _WEIGHTS else read(path)
    if input is None:
        return description
    network = description.network
    return description._replace(network=Network(network.name, input, network.layers))


def _trained(path: Path) -> Description:
    """The network of a run, or of a file of weights."""
    # Training is slow to import, and a summary of a description needs none of it.
    from mirada.tasks.trained import trained

    return Description(trained(str(path)).network)


def _of_sizes(name: str, input: Shape | None, classes: int | None) -> Network:
    if input is not None or classes is not None:
        raise UsageError(
            "sizes-say-all",
            "{name!r} says itself how many inputs and classes the network has: its "
            "first and its last number. Change those, without --input and --classes.",
            name=name[:200],
        )
    return models.perceptron([int(size) for size in name.split("-")])


def layer_named(network: Network, name: str, others: Sequence[str] = ()) -> str:
    """The name, where a layer has it or it is one of `others`.

    Else raises `UsageError` with the nearest names.
    """
    names = [*others, *(node.name for node in network.nodes)]
    if name in names:
        return name
    known = ", ".join(names[:_MOST_NAMED])
    raise UsageError(
        "layer-unknown",
        "The network {network!r} has no layer {name!r}. Its layers: {known}. {hint}",
        network=network.name,
        name=name[:60],
        known=known + (", ..." if len(names) > _MOST_NAMED else ""),
        hint=did_you_mean(name, names, 2),
    )


def _neither(name: str) -> UsageError:
    return UsageError(
        "network-unknown",
        "{name!r} is neither a description file nor a known network. Known: {known}. "
        "{hint}",
        name=name[:200],
        known=", ".join(models.MODELS),
        hint=did_you_mean(name, models.MODELS),
    )
