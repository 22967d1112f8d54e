"""What training makes small: the mean loss of a batch.

Scores are (n, K); a batch of mixed images has a second label and its share.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from mirada.network import CrossEntropy, Loss, MeanSquaredError

__all__ = ["LOSSES", "Answers", "MeanLoss", "correct"]


class Answers(NamedTuple):
    """The right answers of a batch: labels (n,), and of mixed images second ones."""

    labels: torch.Tensor
    others: torch.Tensor | None = None
    shares: torch.Tensor | None = None

    def mixed(self, by_label: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """(1 - share) times what the own label gives and share times the other's."""
        own = by_label(self.labels)
        if self.others is None or self.shares is None:
            return own
        shares = self.shares.reshape(-1, *[1] * (own.ndim - 1))
        return own * (1.0 - shares) + by_label(self.others) * shares


MeanLoss = Callable[[torch.Tensor, Answers], torch.Tensor]
"""The mean loss of a batch, of float32 scores and right answers."""


def correct(scores: torch.Tensor, answers: Answers) -> torch.Tensor:
    """How many images are answered right; of two labels the larger share's counts."""
    right = answers.labels
    if answers.others is not None and answers.shares is not None:
        right = torch.where(answers.shares > 0.5, answers.others, right)
    return (scores.argmax(1) == right).sum()


def _cross_entropy(loss: CrossEntropy, device: torch.device) -> MeanLoss:
    """PyTorch's, divided by what the right classes weigh; where that is 0, it is 0."""
    smoothing = loss.label_smoothing
    if loss.class_weights:
        weights = torch.tensor(loss.class_weights, device=device)
        return lambda scores, answers: _weighted(scores, answers, weights, smoothing)

    def compute(scores: torch.Tensor, answers: Answers) -> torch.Tensor:
        # One by one, so that a share of 0 leaves every bit as it is.
        return answers.mixed(
            lambda labels: functional.cross_entropy(
                scores, labels, reduction="none", label_smoothing=smoothing
            )
        ).mean()

    return compute


def _weighted(
    scores: torch.Tensor, answers: Answers, weights: torch.Tensor, smoothing: float
) -> torch.Tensor:
    def terms(labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(
            scores, labels, weights, reduction="none", label_smoothing=smoothing
        )

    weighed = answers.mixed(lambda labels: weights[labels]).sum()
    return answers.mixed(terms).sum() * torch.where(weighed > 0, 1.0 / weighed, 0.0)


def _squared(loss: MeanSquaredError, device: torch.device) -> MeanLoss:
    """The mean of (y - t)**2 over both labels' vectors, where two are mixed.

    With t their mean it is (y - t)**2 + t (1 - t): of zeros and ones E[t**2] is E[t].
    """

    def compute(scores: torch.Tensor, answers: Answers) -> torch.Tensor:
        classes = scores.shape[1]
        target = answers.mixed(
            lambda labels: functional.one_hot(labels, classes).float()
        )
        value = functional.mse_loss(scores, target)
        if answers.others is None:
            return value
        return value + (target * (1.0 - target)).mean()

    return compute


LOSSES: Mapping[type[Loss], Callable[[Any, torch.device], MeanLoss]] = {
    CrossEntropy: _cross_entropy,
    MeanSquaredError: _squared,
}
"""How each kind of loss is computed on a device."""
