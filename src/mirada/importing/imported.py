"""What an import gives, whatever it was read from."""

from collections.abc import Sequence
from typing import NamedTuple

from mirada.errors import Phrase
from mirada.training import Model

__all__ = ["Imported", "Normalization", "class_names"]


class Normalization(NamedTuple):
    """Mean and deviation of pixels from 0 to 1, each for all channels or one."""

    mean: Sequence[float]
    std: Sequence[float]


class Imported(NamedTuple):
    """A model that was read, what was assumed for it, and who wrote the file.

    `opset` is the version of ONNX's operators, None of what is no graph.
    """

    model: Model
    notes: tuple[Phrase, ...]
    producer: str
    opset: int | None


def class_names(
    count: int, named: Sequence[str] | None, notes: list[Phrase]
) -> tuple[str, ...]:
    """The names that were given, or numbers, of which `notes` tells then.

    >>> class_names(3, None, [])
    ('0', '1', '2')
    """
    if named is not None:
        return tuple(named)
    notes.append(
        Phrase(
            "The file names no classes: they are called 0 to {last}. Name them with "
            "--classes.",
            last=count - 1,
        )
    )
    return tuple(map(str, range(count)))
