"""What a command is given as a network: a file, the name of a known one, or sizes."""

from typing import TYPE_CHECKING

import click

from mirada import models
from mirada.cli.command import Declaration, argument, option
from mirada.cli.kinds import InputShape, WholeNumber
from mirada.errors import Phrase, UsageError
from mirada.network import Network, Shape
from mirada.tasks.networks import described, of_module

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "NETWORK",
    "NetworkName",
    "classes_option",
    "input_option",
    "network_argument",
    "network_asked",
    "torch_option",
]

NETWORK = Phrase(
    "A description (.toml, .json), a run or its weights (.safetensors), a known "
    "network's name, or the sizes of a fully connected network as in 784-100-10."
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


def torch_option() -> Declaration:
    """Declares `--torch`, given to the command as `of_torch`."""
    return option(
        "--torch",
        "of_torch",
        is_flag=True,
        about=Phrase(
            "The network is a PyTorch module, FILE.py:NAME: the module, its class or a "
            "function that returns it. The file is run, as python runs it. Its images "
            "are 3x224x224 unless --input says otherwise."
        ),
    )


def network_asked(
    network: str, input_shape: Shape | None, classes: int | None, of_torch: bool
) -> Network:
    """The network that these words of a command mean.

    Raises UsageError (`classes-of-module`) and what `described` and `of_module` do.
    """
    if not of_torch:
        return described(network, input_shape, classes).network
    if classes is not None:
        raise UsageError(
            "classes-of-module",
            "--classes changes a known network; a PyTorch module says itself how many "
            "classes it has. Change its last layer.",
        )
    return of_module(network, input_shape)
