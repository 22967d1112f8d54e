"""What a command is given as a network: a file, or the name of a known one."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mirada import models
from mirada.cli.command import Declaration, argument, option
from mirada.cli.kinds import InputShape, WholeNumber
from mirada.errors import Phrase, UsageError
from mirada.network import Network, Shape
from mirada.network.file import Description, read

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "NetworkName",
    "classes_option",
    "described",
    "input_option",
    "network_argument",
]

_SUFFIXES = (".toml", ".json")


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
    """The description that a file holds or a known network has.

    `input` takes the place of the input that is written there; `classes` is for known
    networks only. Raises `UsageError` for a name that is neither.
    """
    path = Path(name)
    if name in models.MODELS and not path.is_file():
        return Description(models.build(name, input, classes))
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


def _neither(name: str) -> UsageError:
    near = get_close_matches(name, models.MODELS, 3, 0.5)
    hint = Phrase("Did you mean {near}?", near=", ".join(near)) if near else ""
    return UsageError(
        "network-unknown",
        "{name!r} is neither a description file nor a known network. Known: {known}. "
        "{hint}",
        name=name[:200],
        known=", ".join(models.MODELS),
        hint=hint,
    )
