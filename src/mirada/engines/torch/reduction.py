"""The sum of the gradients of all ranks, taken while the backward pass goes on.

Gradients come from the last layer to the first; those that come together go together,
in buckets that are the same everywhere. Each is sent when it and all before it are
there, so the sums are made in the same order every time.
"""

from collections.abc import Callable, Iterator, Sequence

import torch
import torch.distributed as dist

from mirada.engines.torch.group import TorchGroup, heard

__all__ = ["BUCKET_BYTES", "Reduction"]

BUCKET_BYTES = 4 * 2**20
"""Enough to be worth a message, little enough to go while more is computed."""


class _Bucket:
    """Parameters whose gradients go together, and the message they go in."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self.parameters = parameters
        self.missing = len(parameters)
        size = sum(parameter.numel() for parameter in parameters)
        self.flat = torch.zeros(size, device=parameters[0].device)
        self.work: dist.Work | None = None

    def places(self) -> Iterator[tuple[torch.nn.Parameter, torch.Tensor]]:
        """Every parameter with its part of the message."""
        start = 0
        for parameter in self.parameters:
            end = start + parameter.numel()
            yield parameter, self.flat[start:end].view(parameter.shape)
            start = end


class Reduction:
    """Adds up what every rank's backward pass leaves in `grad` of some parameters."""

    def __init__(
        self,
        group: TorchGroup,
        parameters: Sequence[torch.nn.Parameter],
        most: int = BUCKET_BYTES,
    ) -> None:
        self._group = group
        self._buckets = [_Bucket(each) for each in _buckets(parameters, most)]
        self._sent = 0
        for bucket in self._buckets:
            for parameter in bucket.parameters:
                parameter.register_post_accumulate_grad_hook(self._counts(bucket))

    def _counts(self, bucket: _Bucket) -> Callable[[torch.nn.Parameter], None]:
        def arrived(parameter: torch.nn.Parameter) -> None:
            bucket.missing -= 1
            while self._sent < len(self._buckets) and not self._next.missing:
                self._send()

        return arrived

    @property
    def _next(self) -> _Bucket:
        return self._buckets[self._sent]

    def _send(self) -> None:
        bucket = self._next
        self._sent += 1
        for parameter, place in bucket.places():
            if parameter.grad is None:
                place.zero_()
            else:
                place.copy_(parameter.grad)
        across = self._group.across(bucket.flat.device)
        with heard():
            bucket.work = dist.all_reduce(bucket.flat, group=across, async_op=True)

    def finish(self) -> None:
        """Leaves the sums in `grad`, once the backward pass is over.

        A parameter that the loss does not reach has none, here as elsewhere.
        """
        while self._sent < len(self._buckets):
            self._send()
        for bucket in self._buckets:
            assert bucket.work is not None
            with heard():
                bucket.work.wait()
            for parameter, place in bucket.places():
                if parameter.grad is not None:
                    parameter.grad.copy_(place)
            bucket.work, bucket.missing = None, len(bucket.parameters)
        self._sent = 0


def _buckets(
    parameters: Sequence[torch.nn.Parameter], most: int
) -> Iterator[list[torch.nn.Parameter]]:
    """The parameters from the last to the first, so many bytes at a time."""
    found: list[torch.nn.Parameter] = []
    size = 0
    for parameter in reversed(parameters):
        count = parameter.numel() * parameter.element_size()
        if found and size + count > most:
            yield found
            found, size = [], 0
        found.append(parameter)
        size += count
    if found:
        yield found
