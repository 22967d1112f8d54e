"""For which processor machine code is made, and how convolutions are computed."""

from typing import TYPE_CHECKING, Any

import click

from mirada.cli.command import Declaration, option
from mirada.compiler.targets import PRECISIONS, TARGETS
from mirada.errors import Phrase

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "IsaName",
    "compile_option",
    "device_option",
    "exact_option",
    "isa_option",
    "precision_option",
]


class IsaName(click.ParamType):  # type: ignore[type-arg]
    """The name of a processor that code can be made for; completes them."""

    name = "isa"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name, or `UsageError` (`isa-unknown`)."""
        # LLVM takes a while to load, and `--help` needs none.
        from mirada.compiler.target import target

        target(value)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """The processors that begin so."""
        from click.shell_completion import CompletionItem

        names = ("native", *TARGETS)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def isa_option() -> Declaration:
    """Declares `--isa`, the processor that machine code is made for."""
    return option(
        "--isa",
        type=IsaName(),
        metavar="NAME",
        about=Phrase(
            "Make code for this processor, as x86-64-v3; else $MIRADA_ISA, else the "
            "one that is here."
        ),
    )


def exact_option() -> Declaration:
    """Declares `--exact`: no Winograd."""
    return option(
        "--exact",
        is_flag=True,
        about=Phrase("Compute every convolution by its definition, never by Winograd."),
    )


def precision_option() -> Declaration:
    """Declares `--precision`, the numbers that are multiplied."""
    return option(
        "--precision",
        type=click.Choice(PRECISIONS),
        about=Phrase(
            "Multiply float32 numbers, or bfloat16 ones (faster on processors that "
            "can, less exact); sums are float32 either way."
        ),
    )


def device_option() -> Declaration:
    """Declares `--device`, what the torch engine computes on."""
    return option(
        "--device",
        metavar="NAME",
        about=Phrase(
            "What the torch engine computes on: cpu, cuda, cuda:1, mps; else the first "
            "GPU, if there is one."
        ),
    )


def compile_option() -> Declaration:
    """Declares `--compile`, whether PyTorch compiles training steps."""
    return option(
        "--compile/--no-compile",
        "compiled",
        default=None,
        about=Phrase(
            "Let PyTorch compile each training step; else it does on a GPU only."
        ),
    )
