"""What every layer, loss and optimizer computes, in NumPy float64: the law."""

from mirada.reference.initializer import initial_parameters
from mirada.reference.layer import Array, Arrays, Moment, Rule
from mirada.reference.loss import loss_and_gradient, scored
from mirada.reference.network import (
    RULES,
    Gradients,
    LossResult,
    backward,
    first_not_finite,
    forward,
    loss_and_gradients,
    statistics,
)
from mirada.reference.optimizer import (
    averaged,
    clipped,
    first_memory,
    optimizer_step,
)

__all__ = [
    "RULES",
    "Array",
    "Arrays",
    "Gradients",
    "LossResult",
    "Moment",
    "Rule",
    "averaged",
    "backward",
    "clipped",
    "first_memory",
    "first_not_finite",
    "forward",
    "initial_parameters",
    "loss_and_gradient",
    "loss_and_gradients",
    "optimizer_step",
    "scored",
    "statistics",
]
