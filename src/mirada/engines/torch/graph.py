"""A step recorded as a CUDA graph: one call plays all of its kernels."""

from collections.abc import Callable, Sequence

import torch

__all__ = ["Recorded"]

_WARM = 3
"""Times a step runs before it is recorded: compiling, choosing algorithms, memory."""

Tensors = tuple[torch.Tensor, ...]


class Recorded:
    """A function of tensors that is recorded once and then played.

    It reads and writes tensors of its own, always in the same places, besides those it
    is given. `state` are the ones that it changes; recording leaves them as they were.
    What a call gives is good until the next call.
    """

    def __init__(
        self,
        function: Callable[..., Tensors],
        given: Tensors,
        state: Sequence[torch.Tensor],
    ) -> None:
        self.given = tuple(tensor.clone() for tensor in given)
        before = [tensor.clone() for tensor in state]
        self.play, self.found = self._record(lambda: function(*self.given))
        for tensor, value in zip(state, before, strict=True):
            tensor.copy_(value)

    def __call__(self, *given: torch.Tensor) -> Tensors:
        for place, tensor in zip(self.given, given, strict=True):
            place.copy_(tensor, non_blocking=True)
        self.play()
        return self.found

    def _record(
        self, function: Callable[[], Tensors]
    ) -> tuple[Callable[[], object], Tensors]:
        """How the function is played, and where what it gives then lies."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM):
                function()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            found = function()
        return graph.replay, found
