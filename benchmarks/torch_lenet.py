"""LeNet-5 in PyTorch, eager, as the peer of `benchmarks/lenet.py`."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

__all__ = ["prediction", "training"]


def _network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def training(
    images: np.ndarray, labels: np.ndarray, channels_last: bool, fused: bool
) -> Callable[[], object]:
    """One whole step: forward, loss, backward, SGD with momentum."""
    network, batch = _network(), torch.from_numpy(images)
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        batch = batch.to(memory_format=torch.channels_last)
    rule = torch.optim.SGD(network.parameters(), 0.01, 0.9, fused=fused)
    loss, answers = nn.CrossEntropyLoss(), torch.from_numpy(labels)

    def step() -> float:
        rule.zero_grad(set_to_none=True)
        value = loss(network(batch), answers)
        value.backward()
        rule.step()
        return float(value.detach())

    return step


def prediction(images: np.ndarray, channels_last: bool) -> Callable[[], object]:
    """The scores of a batch, from a NumPy array to a NumPy array."""
    network = _network().eval()
    if channels_last:
        network = network.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def run() -> np.ndarray:
        batch = torch.from_numpy(images)
        if channels_last:
            batch = batch.to(memory_format=torch.channels_last)
        scores: np.ndarray = network(batch).numpy()
        return scores

    found: Callable[[], object] = run
    return found
