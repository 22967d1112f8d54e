"""The same network and recipe as plain PyTorch, run eagerly, step by step.

As a user of PyTorch would write it for speed without tricks: the images on the device
from the beginning, channels last, the optimizer with a group for each rate.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.cifar10.clock import Clock
from benchmarks.peers.torch_network import module
from mirada.network import SGD, CrossEntropy
from mirada.network.rate import rate_factors
from mirada.training import Configuration, Plan

__all__ = ["made", "moved", "optimizer_of", "train"]

_ANSWERED = 2000
_MOVED = 2
"""Pixels that an image may move by, its reflection around it."""


def train(
    plan: Plan,
    parameters: Mapping[str, NDArray[np.float32]],
    device: str,
    precision: str,
) -> Clock:
    """Trains by the plan from these parameters, answering the tests after epochs."""
    chosen, clock = plan.configuration, Clock(device)
    recipe, place = chosen.recipe, torch.device(device)
    torch.manual_seed(recipe.seed)
    network = made(chosen, parameters).to(place, memory_format=torch.channels_last)
    optimizer = optimizer_of(chosen, network)
    loss = recipe.loss
    assert isinstance(loss, CrossEntropy)
    images, labels = _on_device(plan, plan.split.train, place)
    tests = _on_device(plan, plan.split.validation, place)
    mirrored = torch.rand(len(images), device=place) < 0.5
    half = torch.autocast(place.type, torch.bfloat16, enabled=precision == "bf16")
    step = 0
    for epoch in range(recipe.epochs):
        network.train()
        seen = moved(images, mirrored ^ bool(epoch % 2))
        for batch in torch.randperm(len(seen), device=place).split(recipe.batch_size):
            for group in optimizer.param_groups:
                group["lr"] = chosen.scheduled_rate(step) * group["factor"]
            optimizer.zero_grad()
            with half:
                scores = network(seen[batch])
            functional.cross_entropy(
                scores.float(), labels[batch], label_smoothing=loss.label_smoothing
            ).backward()
            optimizer.step()
            step += 1
            if step == 1 or step % chosen.steps_per_epoch == 0:
                clock.wait()
            clock.step(None, 0.0)
        clock.trained()
        clock.answered(_accuracy(network, *tests, half))
    return clock


def made(
    chosen: Configuration, parameters: Mapping[str, NDArray[np.float32]]
) -> nn.Module:
    """The network as PyTorch's users write it, with these parameters."""
    found = module(chosen.network, training=True)
    tensors = {name: torch.from_numpy(value) for name, value in parameters.items()}
    with torch.no_grad():
        for name, own in _named(chosen, found):
            own.copy_(tensors[name])
    return found


def _named(chosen: Configuration, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The learned tensors by their full names, in order."""
    for node, part in zip(chosen.network.nodes, network.children(), strict=True):
        for name, own in part.named_parameters():
            yield f"{node.name}.{name}", own


def optimizer_of(chosen: Configuration, network: nn.Module) -> torch.optim.Optimizer:
    """SGD with a group of parameters for each factor; those of 0 are left out."""
    rule = chosen.recipe.optimizer
    assert isinstance(rule, SGD)
    factors = rate_factors(chosen.network, chosen.recipe.rates)
    groups: dict[float, list[Tensor]] = {}
    for name, own in _named(chosen, network):
        own.requires_grad_(factors[name] > 0)
        if factors[name]:
            groups.setdefault(factors[name], []).append(own)
    return torch.optim.SGD(
        [{"params": group, "factor": factor} for factor, group in groups.items()],
        lr=rule.learning_rate,
        momentum=rule.momentum,
        nesterov=rule.nesterov,
        weight_decay=rule.weight_decay,
    )


def _on_device(
    plan: Plan, samples: NDArray[np.int64], place: torch.device
) -> tuple[Tensor, Tensor]:
    pixels = np.asarray(plan.data.images)[samples]
    values = torch.from_numpy(plan.configuration.preprocessing.normalize(pixels))
    images = values.to(place, memory_format=torch.channels_last)
    return images, torch.from_numpy(plan.data.labels[samples]).to(place)


def moved(images: Tensor, mirrored: Tensor) -> Tensor:
    """Every image mirrored or not, and moved by up to two pixels."""
    turned = torch.where(mirrored[:, None, None, None], images.flip(-1), images)
    around = functional.pad(turned, (_MOVED,) * 4, mode="reflect")
    count, _, height, width = images.shape
    corners = torch.randint(2 * _MOVED + 1, (2, count, 1, 1), device=images.device)
    rows = corners[0] + torch.arange(height, device=images.device)[:, None]
    columns = corners[1] + torch.arange(width, device=images.device)
    samples = torch.arange(count, device=images.device)[:, None, None]
    moved = around.permute(0, 2, 3, 1)[samples, rows, columns]
    return moved.permute(0, 3, 1, 2)


def _accuracy(
    network: nn.Module, images: Tensor, labels: Tensor, half: torch.autocast
) -> float:
    network.eval()
    with torch.inference_mode(), half:
        answers = [network(part).argmax(1) for part in images.split(_ANSWERED)]
    return float((torch.cat(answers) == labels).float().mean())
