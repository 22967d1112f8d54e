"""The processes that train one network together, as everyone but torch sees them.

Each is a rank, counted from 0. All go through the same steps with the same state; what
only one of them can know (a clock, a signal, a file) is agreed on before it is heeded.
Rank 0, the first, alone writes and talks.
"""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirada.errors import MiradaError

__all__ = ["ALONE", "Alone", "ElsewhereError", "Group", "is_launched", "started_here"]

T = TypeVar("T")

_LAUNCHED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class ElsewhereError(Exception):
    """Another rank has failed, and tells why; this one ends with the same code."""

    def __init__(self, rank: int, exit_code: int) -> None:
        super().__init__(f"rank {rank}")
        self.exit_code = exit_code


class Group(ABC):
    """A number of ranks, and which of them this process is; abstract."""

    rank: int
    size: int

    @property
    def is_first(self) -> bool:
        """Whether this is the rank that writes and talks."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of the `count` images of a batch this rank computes, maybe none.

        >>> Alone().share(5)
        slice(0, 5, None)
        """
        start, stop = self.rank * count, (self.rank + 1) * count
        return slice(start // self.size, stop // self.size)

    @abstractmethod
    def gathered(self, content: bytes) -> list[bytes]:
        """What every rank gives, in the order of the ranks, at every rank."""

    @abstractmethod
    def from_first(self, content: bytes) -> bytes:
        """What the first rank gives, at every rank."""

    @abstractmethod
    def most(self, values: Sequence[int]) -> tuple[int, ...]:
        """The largest of each value over all ranks, at every rank."""

    @abstractmethod
    def begin(self) -> None:
        """Says that all are ready: a rank that is silent from now on is lost."""

    @abstractmethod
    def close(self) -> None:
        """Leaves the group, when all has gone well."""

    def is_told_here(self) -> bool:
        """Whether nobody has told yet that the group has come to an end."""
        return True

    def told(self, value: T) -> T:
        """The first rank's value, as JSON brings it, at every rank."""
        if self.size == 1:
            return value
        content = b"" if self.rank else json.dumps(value).encode()
        found: T = json.loads(self.from_first(content))
        return found

    def all_told(self, value: object) -> list[Any]:
        """Every rank's value, as JSON brings it, in the order of the ranks."""
        return [json.loads(each) for each in self.gathered(json.dumps(value).encode())]

    def rows(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Every rank's array; they may differ in their first length alone."""
        if self.size == 1:
            return [values]
        found = self.gathered(np.ascontiguousarray(values).tobytes())
        kind, shape = values.dtype, values.shape[1:]
        return [np.frombuffer(each, kind).reshape(-1, *shape) for each in found]

    def everywhere(self, make: Callable[[], T]) -> T:
        """What `make` gives here, once it has been made at every rank.

        Where it fails, the first rank at which it did raises its MiradaError, and all
        others raise ElsewhereError.
        """
        if self.size == 1:
            return make()
        failure: MiradaError | None = None
        try:
            found = make()
        except MiradaError as error:
            failure = error
        codes = self.all_told(failure.exit_code if failure else 0)
        failed = next((rank for rank, code in enumerate(codes) if code), None)
        if failed is None:
            return found
        if failure is not None and failed == self.rank:
            raise failure
        raise ElsewhereError(failed, codes[failed]) from failure

    def at_first(self, make: Callable[[], T]) -> T | None:
        """What `make` gives at the first rank, None at the others; all fail with it."""
        return self.everywhere(make if self.is_first else lambda: None)


class Alone(Group):
    """The only process there is.

    >>> Alone().told(7), Alone().most([1, 2])
    (7, (1, 2))
    """

    rank, size = 0, 1

    def gathered(self, content: bytes) -> list[bytes]:
        return [content]

    def from_first(self, content: bytes) -> bytes:
        return content

    def most(self, values: Sequence[int]) -> tuple[int, ...]:
        return tuple(values)

    def begin(self) -> None:
        """Nobody is waited for."""

    def close(self) -> None:
        """Nobody is left."""


ALONE = Alone()


def started_here() -> int:
    """How many processes of this launch share this computer; 1 without a launcher."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if is_launched() else 1


def is_launched() -> bool:
    """Whether a launcher as torchrun has started this process as one of several."""
    return all(name in os.environ for name in _LAUNCHED)
