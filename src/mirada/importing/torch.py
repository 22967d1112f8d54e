"""A PyTorch module as a network: the one door to PyTorch in this room.

`torch.export` runs the module once on an empty image and writes down every operation
(the graph); each becomes a layer, under the name that the module gives it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from traceback import extract_tb
from typing import TYPE_CHECKING

from mirada.errors import UnsupportedError, UsageError
from mirada.importing.building import Built
from mirada.importing.torch_graph import BATCH, Walk, outside
from mirada.network import Shape
from mirada.network.graph import check_input
from mirada.network.layer import shape_text

if TYPE_CHECKING:
    import torch
    from torch.export import ExportedProgram

__all__ = ["network_of", "require_module", "require_torch"]

_MOST_LETTERS = 300


def network_of(module: "torch.nn.Module", input: Shape) -> Built:
    """The network that a module is for images of one shape, with its parameters.

    The module answers as in evaluation (`eval()`), and is left as it was.

    Raises UsageError: `module-needs-torch`, `module-kind`, `module-input`;
    UnsupportedError: `module-not-exported`, `module-operations`.
    """
    require_torch()
    require_module(module)
    shape = check_input(input)
    with _in_evaluation(module):
        program = _exported(module, shape)
    return Walk(module, program, shape).network()


def require_torch() -> None:
    """Refuses where PyTorch is not installed."""
    if find_spec("torch") is None:
        raise UsageError(
            "module-needs-torch",
            "A PyTorch module is read by PyTorch, which is not installed. Install it "
            "with: pip install 'mirada[torch]'.",
        )


def require_module(value: object) -> None:
    """Refuses what is no torch.nn.Module."""
    import torch

    if not isinstance(value, torch.nn.Module):
        raise UsageError(
            "module-kind",
            "A torch.nn.Module is wanted; this is {kind}. Give an instance, its class, "
            "or a function that returns one.",
            kind=f"{type(value).__module__}.{type(value).__qualname__}",
        )


@contextmanager
def _in_evaluation(module: "torch.nn.Module") -> Iterator[None]:
    """The module in evaluation, PyTorch's own log silent; all as before at the end."""
    modes = {part: part.training for part in module.modules()}
    log = logging.getLogger("torch")
    level = log.level
    module.eval()
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
        for part, training in modes.items():
            part.training = training


def _exported(module: "torch.nn.Module", shape: Shape) -> "ExportedProgram":
    import torch

    held = next(iter(module.parameters()), torch.zeros(0))
    images = torch.zeros(BATCH, *shape, dtype=held.dtype, device=held.device)
    try:
        with torch.no_grad():
            module(images)
    except (Exception, SystemExit) as error:
        raise UsageError(
            "module-input",
            "The module does not run on images of {shape}: {words}. Give the shape "
            "that it takes (channels x height x width).",
            shape=shape_text(shape),
            words=_words(error),
        ) from error
    try:
        # Beside what it raises, it prints the graph so far.
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return torch.export.export(module, (images,), strict=False)
    except Exception as error:
        raise UnsupportedError(
            "module-not-exported",
            "torch.export cannot write down what the module does: {words}. What it "
            "does may not depend on the values of an image (if, while, .item()); give "
            "the part of it that is a plain network.",
            words=_words(error),
        ) from error


def _words(error: BaseException) -> str:
    """The first line of another program's message, and the user's line it is of."""
    first = str(error).strip().split("\n")[0].rstrip(". ")[:_MOST_LETTERS]
    frames = [(f.filename, f.lineno) for f in extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {first} ({outside(frames)})"
