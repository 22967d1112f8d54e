"""What training makes small: the mean loss of a batch.

Scores are (n, K); a batch of mixed images has a second label and its share.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from mirada.network import CrossEntropy, Loss, MeanSquaredError

__all__ = ["LOSSES", "Answers", "correct", "mean_loss"]


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


def mean_loss(loss: Loss, scores: torch.Tensor, answers: Answers) -> torch.Tensor:
    """The mean loss of a batch, in float32.

    >>> scores, labels = torch.tensor([[0.0, 0.0]]), torch.tensor([1])
    >>> round(float(mean_loss(CrossEntropy(), scores, Answers(labels))), 4)
    0.6931
    """
    return LOSSES[type(loss)](loss, scores.float(), answers)


def correct(scores: torch.Tensor, answers: Answers) -> torch.Tensor:
    """How many images are answered right; of two labels the larger share's counts."""
    right = answers.labels
    if answers.others is not None and answers.shares is not None:
        right = torch.where(answers.shares > 0.5, answers.others, right)
    return (scores.argmax(1) == right).sum()


def _cross_entropy(
    loss: CrossEntropy, scores: torch.Tensor, answers: Answers
) -> torch.Tensor:
    """PyTorch's, divided by what the right classes weigh; where that is 0, it is 0."""
    smoothing = loss.label_smoothing
    if not loss.class_weights and answers.others is None:
        return functional.cross_entropy(
            scores, answers.labels, label_smoothing=smoothing
        )
    weights = None
    if loss.class_weights:
        weights = torch.tensor(loss.class_weights, device=scores.device)

    def terms(labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(
            scores, labels, weights, reduction="none", label_smoothing=smoothing
        )

    total = answers.mixed(terms).sum()
    if weights is None:
        return total / len(scores)
    weighed = answers.mixed(lambda labels: weights[labels]).sum()
    return total * torch.where(weighed > 0, 1.0 / weighed, 0.0)


def _squared(
    loss: MeanSquaredError, scores: torch.Tensor, answers: Answers
) -> torch.Tensor:
    """The mean of (y - t)**2 over both labels' vectors, where two are mixed.

    With t their mean it is (y - t)**2 + t (1 - t): of zeros and ones E[t**2] is E[t].
    """
    classes = scores.shape[1]
    target = answers.mixed(lambda labels: functional.one_hot(labels, classes).float())
    value = functional.mse_loss(scores, target)
    if answers.others is None:
        return value
    return value + (target * (1.0 - target)).mean()


LOSSES: Mapping[type[Loss], Callable[[Any, torch.Tensor, Answers], torch.Tensor]] = {
    CrossEntropy: _cross_entropy,
    MeanSquaredError: _squared,
}
"""How each kind of loss is computed."""
