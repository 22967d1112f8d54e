"""PyTorch, eager: both memory layouts, plain and fused SGD, bfloat16 by autocast."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.peers.torch_network import module
from benchmarks.works import sample
from mirada.network import SGD, Network, Recipe

__all__ = ["Eager", "peers"]


def peers(threads: int) -> list[Peer]:
    """Every way PyTorch computes without compiling."""
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    found: list[Peer] = []
    for last in (False, True):
        end = "-channels-last" * last
        found += [
            Eager(f"pytorch-eager{end}", last),
            Eager(f"pytorch-eager{end}-fused", last, fused=True, predicts=False),
            Eager(f"pytorch-autocast{end}", last, "bf16", fused=True),
            Eager(f"pytorch-bfloat16{end}", last, "bf16", cast=True),
        ]
    return found


@dataclass(frozen=True)
class Eager(Peer):
    """PyTorch as it comes; with `compiled`, through torch.compile."""

    name: str
    last: bool
    precision: str = "fp32"
    fused: bool = False
    predicts: bool = True
    cast: bool = False
    compiled: bool = False

    def predict(self, network: Network, batch: int) -> Work:
        if not self.predicts:
            raise NotOfferedError("the optimizer plays no part in a prediction")
        images, _ = sample(network, batch)
        made = self._module(network, training=False)

        def run() -> Any:
            with torch.inference_mode(), self._autocast():
                given = self._laid_out(torch.from_numpy(images))
                return made(given).float().numpy()

        return run

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        if self.cast:
            raise NotOfferedError("weights in bfloat16 are for inference")
        images, labels = sample(network, batch)
        given, answers = (torch.from_numpy(array) for array in (images, labels))
        given = self._laid_out(given)
        made, loss = self._module(network, training=True), torch.nn.CrossEntropyLoss()
        rule = self._rule(made, recipe)

        def step() -> float:
            rule.zero_grad(set_to_none=True)
            with self._autocast():
                value = loss(made(given), answers)
            value.backward()
            rule.step()
            return float(value.detach())

        return step

    def backward(self, network: Network, batch: int) -> Work:
        if self.fused and self.precision == "fp32":
            raise NotOfferedError("the optimizer plays no part in a backward pass")
        images, _ = sample(network, batch)
        given = self._laid_out(torch.from_numpy(images)).requires_grad_()
        made = self._module(network, training=True)
        ones = torch.ones(batch, *network.output, dtype=given.dtype)
        if self.last and ones.ndim == 4:
            ones = ones.contiguous(memory_format=torch.channels_last)

        def run() -> list[Any]:
            made.zero_grad(set_to_none=True)
            given.grad = None
            with self._autocast():
                outputs = made(given)
            outputs.backward(ones.to(outputs.dtype))
            return [given.grad, *(p.grad for p in made.parameters())]

        return run

    def _rule(self, made: Any, recipe: Recipe) -> Any:
        rule = recipe.optimizer
        assert isinstance(rule, SGD)
        rates = rule.learning_rate, rule.momentum
        return torch.optim.SGD(made.parameters(), *rates, fused=self.fused)

    def _module(self, network: Network, training: bool) -> Any:
        made = module(network, training)
        if self.cast:
            made = made.to(torch.bfloat16)
        if self.last:
            made = made.to(memory_format=torch.channels_last)
        if self.compiled:
            torch._dynamo.reset()
            return torch.compile(made, dynamic=False)
        return made

    def _laid_out(self, images: Any) -> Any:
        kind = torch.bfloat16 if self.cast else torch.float32
        if self.last and images.ndim == 4:
            return images.to(kind, memory_format=torch.channels_last)
        return images.to(kind)

    def _autocast(self) -> Any:
        if self.precision == "bf16" and not self.cast:
            return torch.autocast("cpu", torch.bfloat16)
        return nullcontext()
