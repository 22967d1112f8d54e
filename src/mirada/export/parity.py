"""Whether something computes what the network means: differences beside a bound."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.reference.rounding import Bounded

__all__ = ["Parity", "compared", "unchecked"]


@dataclass(frozen=True)
class Parity:
    """How far outputs in float32 are from the exact ones, over all images.

    `max_abs` is the largest difference, `max_rel` the largest in proportion to the
    largest output of its image, `top1_agreement` the share of images with the same
    first place, `bound` the difference that is allowed where it is widest. `passed` is
    None where nothing was compared; `reason` then says why. `latency_ms` is what a
    single image takes, from pixels to answer.
    """

    max_abs: float | None = None
    max_rel: float | None = None
    top1_agreement: float | None = None
    images: int = 0
    bound: float | None = None
    passed: bool | None = None
    reason: str | Phrase = ""
    latency_ms: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON holds it."""
        return {**vars(self), "reason": str(self.reason)}


def unchecked(reason: Phrase) -> Parity:
    """No comparison, and why there is none."""
    return Parity(reason=reason)


def compared(
    found: NDArray[np.floating], exact: Bounded, latency_ms: float | None = None
) -> Parity:
    """Outputs (n, ...) beside the exact ones (n, outputs) with their bounds.

    >>> exact = Bounded(np.array([[1.0, 3.0]]), np.array([[0.1, 0.1]]), 2.0**-24)
    >>> compared(np.array([[1.0, 3.0625]]), exact).to_dict()["max_abs"]
    0.0625
    >>> compared(np.array([[1.5, 3.0]]), exact).passed
    False
    """
    outputs = np.asarray(found, np.float64).reshape(exact.value.shape)
    away = np.abs(outputs - exact.value)
    largest = np.maximum(np.abs(exact.value).max(axis=1), np.finfo(np.float64).tiny)
    same = outputs.argmax(axis=1) == exact.value.argmax(axis=1)
    known = np.isfinite(exact.bound)
    # What is not finite is never within a bound.
    holds = np.where(known, away <= exact.bound, np.isfinite(outputs))
    return Parity(
        max_abs=_finite(away.max()),
        max_rel=_finite((away.max(axis=1) / largest).max()),
        top1_agreement=float(same.mean()),
        images=len(outputs),
        bound=float(exact.bound[known].max()),
        passed=bool(holds.all()),
        latency_ms=latency_ms,
    )


def _finite(value: float) -> float | None:
    """The number, or None for one that JSON does not know."""
    return float(value) if np.isfinite(value) else None
