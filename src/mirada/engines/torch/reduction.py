"""The sums of the gradients of all ranks, taken while the backward pass goes on.

Gradients come from the last layer to the first; those that come together go together,
in buckets that are the same everywhere. Each is sent when it and all before it are
there, so the sums are made in the same order every time.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import torch
import torch.distributed as dist

from mirada.engines.torch.group import TorchGroup, heard

__all__ = ["BUCKET_BYTES", "Sums"]

BUCKET_BYTES = 4 * 2**20
"""Enough to be worth a message, little enough to go while more is computed."""


class _Bucket:
    """Parameters whose gradients go together, and the message they go in."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self.parameters = parameters
        self.work: dist.Work | None = None
        self.arrived: set[int] = set()
        size = sum(parameter.numel() for parameter in parameters)
        self.flat = torch.zeros(size, device=parameters[0].device)
        ends = list(accumulate(parameter.numel() for parameter in parameters))
        # Laid out as the parameters are, which fused optimizers take for granted.
        self.places = [
            self.flat.as_strided(parameter.shape, parameter.stride(), start)
            for start, parameter in zip((0, *ends[:-1]), parameters, strict=True)
        ]

    @property
    def is_whole(self) -> bool:
        return len(self.arrived) == len(self.parameters)


class Sums:
    """Adds up what every rank's backward pass finds by some parameters."""

    def __init__(
        self,
        group: TorchGroup,
        parameters: Sequence[torch.nn.Parameter],
        most: int = BUCKET_BYTES,
    ) -> None:
        self._group, self._parameters = group, parameters
        self._buckets = [_Bucket(each) for each in _buckets(parameters, most)]
        self._sent, self._is_open = 0, False
        for bucket in self._buckets:
            for place, parameter in enumerate(bucket.parameters):
                parameter.register_hook(self._hook(bucket, place))

    def begin(self) -> None:
        """Says that the backward pass that follows is one of all ranks."""
        self._is_open = True

    def of(self, slopes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The sums over all ranks, once the backward pass has given its own.

        They are good until the next backward pass.
        """
        own = dict(zip(self._parameters, slopes, strict=True))
        for bucket in self._buckets:
            for place, parameter in enumerate(bucket.parameters):
                # What the loss does not reach has come by no hook: it is 0.
                if place not in bucket.arrived:
                    self._take(bucket, place, own[parameter])
        found: dict[torch.nn.Parameter, torch.Tensor] = {}
        for bucket in self._buckets:
            assert bucket.work is not None
            with heard():
                bucket.work.wait()
            bucket.work = None
            bucket.arrived.clear()
            found |= dict(zip(bucket.parameters, bucket.places, strict=True))
        self._sent, self._is_open = 0, False
        return [found[parameter] for parameter in self._parameters]

    def _hook(self, bucket: _Bucket, place: int) -> Callable[[torch.Tensor], None]:
        def arrived(slope: torch.Tensor) -> None:
            if self._is_open:
                self._take(bucket, place, slope)

        return arrived

    def _take(self, bucket: _Bucket, place: int, slope: torch.Tensor) -> None:
        bucket.places[place].copy_(slope.detach())
        bucket.arrived.add(place)
        while self._sent < len(self._buckets) and self._buckets[self._sent].is_whole:
            self._send(self._buckets[self._sent])

    def _send(self, bucket: _Bucket) -> None:
        self._sent += 1
        across = self._group.across(bucket.flat.device)
        with heard():
            bucket.work = dist.all_reduce(bucket.flat, group=across, async_op=True)


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
