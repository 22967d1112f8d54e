"""PyTorch's settings of the whole process, as the engine needs them while it computes.

They are the program's that uses mirada: each call puts them back as they were.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from threading import RLock

import torch

__all__ = ["Settings", "prefer_deterministic"]

_turn = RLock()
"""Settings are the process's, so of all engines one computes at a time."""


def _after_fork() -> None:
    """In a forked process nobody is in an engine any more."""
    global _turn
    _turn = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@dataclass(frozen=True)
class Settings:
    """How PyTorch computes: on how many threads, in which numbers.

    In float32 nothing is rounded to fewer bits on the way, and of two ways to compute
    something the one that always gives the same bytes is taken. With `exact` no
    convolution is computed by an algorithm that rounds otherwise than its definition.
    """

    device: torch.device
    threads: int
    precision: str = "float32"
    exact: bool = False

    @contextmanager
    def used(self) -> Iterator[None]:
        """Within it PyTorch computes so, and nobody else does."""
        with _turn, ExitStack() as undo:
            self._set_threads(undo)
            self._set_numbers(undo)
            # NNPACK may compute by Winograd's algorithm, which rounds otherwise.
            undo.enter_context(torch.backends.nnpack.flags(enabled=False))
            if self.device.type == "cuda":
                undo.enter_context(torch.cuda.device(self.device))
                undo.enter_context(self._cudnn())
            yield

    def autocast(self) -> torch.autocast:
        """Within it convolutions and matrix products take bfloat16, where asked for."""
        return torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.precision == "bf16"
        )

    @property
    def is_deterministic(self) -> bool:
        """Whether the same bytes come out again."""
        return self.precision == "float32"

    def _cudnn(self) -> AbstractContextManager[None]:
        flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
            enabled=not self.exact,
            benchmark=not self.is_deterministic,
            deterministic=self.is_deterministic,
            allow_tf32=not self.is_deterministic,
        )
        return flags

    def _set_threads(self, undo: ExitStack) -> None:
        before = torch.get_num_threads()
        if before != self.threads:
            torch.set_num_threads(self.threads)
            undo.callback(torch.set_num_threads, before)

    def _set_numbers(self, undo: ExitStack) -> None:
        wanted = "highest" if self.is_deterministic else "high"
        before = torch.get_float32_matmul_precision()
        if before != wanted:
            torch.set_float32_matmul_precision(wanted)
            undo.callback(torch.set_float32_matmul_precision, before)
        if self.device.type == "cuda" and self.is_deterministic:
            prefer_deterministic(undo)


def prefer_deterministic(undo: ExitStack) -> None:
    """Ways that give the same bytes again, where PyTorch has one."""
    was = torch.are_deterministic_algorithms_enabled()
    warned = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    undo.callback(
        setattr, torch.utils.deterministic, "fill_uninitialized_memory", filled
    )
    undo.callback(torch.use_deterministic_algorithms, was, warn_only=warned)
