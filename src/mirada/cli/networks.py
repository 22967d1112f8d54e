"""What a command is given as a network: a file, the name of a known one, or sizes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mirada import models
from mirada.cli.command import Declaration, argument, option
from mirada.cli.kinds import InputShape, WholeNumber
from mirada.errors import Phrase, UsageError
from mirada.near_names import did_you_mean
from mirada.network import Network, Shape
from mirada.network.file import Description, read

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "NETWORK",
    "NetworkName",
    "classes_option",
    "described",
    "input_option",
    "layer_named",
    "network_argument",
]

_SUFFIXES = (".toml", ".json")
_SIZES = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})+", re.ASCII)
_MOST_NAMED = 40

NETWORK = Phrase(
    "A description (.toml, .json), a known network's name, or the sizes of a fully "
    "connected network as in 784-100-10."
)
"""What `network_argument` says where nothing else has to be known."""


class NetworkName(click.ParamType):  # type: ignore[type-arg]
    """A description file or the name of a known network; completes both."""

    name = "network"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """The known networks that begin so, then files."""
        from click.shell_completion import CompletionItem

        names = [name for name in models.MODELS if name.startswith(incomplete)]
        files = CompletionItem(incomplete, type="file")
        return [*map(CompletionItem, names), files]


def network_argument(about: Phrase) -> Declaration:
    """Declares the argument `network`: a file or a known network's name."""
    return argument("network", about, metavar="FILE|MODEL", type=NetworkName())


def input_option() -> Declaration:
    """Declares `--input`, the shape of the images."""
    return option(
        "--input",
        "input_shape",
        type=InputShape(),
        metavar="CxHxW",
        about=Phrase("Another input: channels, height and width, as in 3x32x32."),
    )


def classes_option() -> Declaration:
    """Declares `--classes`, for known networks."""
    return option(
        "--classes",
        type=WholeNumber("--classes", 1, 1_048_576),
        metavar="N",
        about=Phrase("How many classes a known network tells apart."),
    )


def described(
    name: str, input: Shape | None = None, classes: int | None = None
) -> Description:
    """The description that a file holds, a known network has, or sizes stand for.

    Sizes as in 784-100-10 are those of a fully connected network. `input` takes the
    place of the input that is written there; `classes` is for known networks only.
    Raises `UsageError` for a name that is none of them.
    """
    path = Path(name)
    if name in models.MODELS and not path.is_file():
        return Description(models.build(name, input, classes))
    if _SIZES.fullmatch(name) and not path.is_file():
        return Description(_of_sizes(name, input, classes))
    if not path.is_file() and path.suffix not in _SUFFIXES:
        raise _neither(name)
    if classes is not None:
        raise UsageError(
            "classes-of-file",
            "--classes changes a known network; {file!r} says itself how many classes "
            "it has. Change its last layer.",
            file=name,
        )
    description = read(path)
    if input is None:
        return description
    network = description.network
    return description._replace(network=Network(network.name, input, network.layers))


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
