"""How far a correct computation may be from the exact one: counting roundings.

Nothing here is tuned: a bound follows from the unit roundoff u of the arithmetic and
from the numbers that are added. A sum of k products a[i] b[i], in any order, with or
without fused multiply-add, is within gamma(k) * sum of |a[i] b[i]| of the exact one,
gamma(k) = k u / (1 - k u).
Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, lemma 3.1 and
section 3.1; running error analysis: section 3.3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = ["ELEMENTARY", "Bounded", "gamma", "unit"]

Array = NDArray[np.float64]

ELEMENTARY = 8
"""Roundings allowed to one exp, log, tanh or erf, of ours or of anybody's."""


def unit(dtype: DTypeLike) -> float:
    """The unit roundoff u: half the distance from 1 to the next number.

    >>> unit(np.float32) == 2.0**-24
    True
    """
    return float(np.finfo(np.dtype(dtype)).eps) / 2


def gamma(count: float, dtype: DTypeLike) -> float:
    """The factor by which `count` roundings in a row may move a result."""
    product = count * unit(dtype)
    assert product < 1, "so many roundings leave no digit"
    return product / (1 - product)


@dataclass(frozen=True)
class Bounded:
    """Exact values, and how far computed ones may be from them: running errors.

    Arithmetic carries both: what the operands' errors become, and one more rounding.
    `u` is the unit roundoff of the computation that is bounded.

    >>> third = Bounded(np.array(1.0), np.array(0.0), unit(np.float32)) / 3.0
    >>> bool(abs(np.float32(1) / np.float32(3) - 1 / 3) <= third.bound)
    True
    """

    value: Array
    bound: Array
    u: float

    @classmethod
    def exact(cls, value: ArrayLike, u: float) -> "Bounded":
        """Values that are known exactly."""
        known = np.asarray(value, np.float64)
        return cls(known, np.zeros_like(known), u)

    @property
    def size(self) -> Array:
        """The largest magnitude the computed value may have."""
        return np.abs(self.value) + self.bound

    def __add__(self, other: "Bounded | float | Array") -> "Bounded":
        other = self._lift(other)
        return self._rounded(self.value + other.value, self.bound + other.bound)

    def __sub__(self, other: "Bounded | float | Array") -> "Bounded":
        other = self._lift(other)
        return self._rounded(self.value - other.value, self.bound + other.bound)

    def __rsub__(self, other: float | Array) -> "Bounded":
        return self._lift(other) - self

    def __mul__(self, other: "Bounded | float | Array") -> "Bounded":
        other = self._lift(other)
        grown = self.size * other.size - np.abs(self.value) * np.abs(other.value)
        return self._rounded(self.value * other.value, grown)

    def __truediv__(self, other: "Bounded | float | Array") -> "Bounded":
        other = self._lift(other)
        least = np.abs(other.value) - other.bound
        quotient = self.value / other.value
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = (self.bound + np.abs(quotient) * other.bound) / least
        return self._rounded(quotient, np.where(least > 0, moved, np.inf))

    def sqrt(self) -> "Bounded":
        """The square root, of values of which none is negative."""
        root = np.sqrt(self.value)
        with np.errstate(divide="ignore", invalid="ignore"):
            near = np.where(root > 0, self.bound / root, np.inf)
        return self._rounded(root, np.fmin(np.sqrt(self.bound), near))

    def exp(self) -> "Bounded":
        """The exponential."""
        value = np.exp(self.value)
        grown = value * np.expm1(self.bound)
        return Bounded(value, grown + ELEMENTARY * self.u * (value + grown), self.u)

    def log(self) -> "Bounded":
        """The logarithm, of positive values."""
        value = np.log(self.value)
        moved = -np.log1p(-np.minimum(self.bound / self.value, 1 - 1e-12))
        return Bounded(
            value, moved + ELEMENTARY * self.u * (np.abs(value) + moved), self.u
        )

    def sum(self, axis: int | tuple[int, ...]) -> "Bounded":
        """The sum along axes, kept with length one, in any order."""
        value = self.value.sum(axis=axis, keepdims=True)
        count = self.value.size // max(value.size, 1)
        carried = self.bound.sum(axis=axis, keepdims=True)
        size = self.size.sum(axis=axis, keepdims=True)
        roundings = count * self.u / (1 - count * self.u)
        return Bounded(value, carried + roundings * size, self.u)

    def apply(
        self, function: Callable[[Array], Array], slope: float, size: Array
    ) -> "Bounded":
        """A function with slopes up to `slope`, computed to ELEMENTARY * u * `size`."""
        carried = slope * self.bound
        rounded = ELEMENTARY * self.u * (size + carried)
        return Bounded(function(self.value), carried + rounded, self.u)

    def _lift(self, other: "Bounded | float | Array") -> "Bounded":
        return other if isinstance(other, Bounded) else Bounded.exact(other, self.u)

    def _rounded(self, value: Array, bound: Array) -> "Bounded":
        """One rounding more; what is too small for float32 may become zero."""
        tiny = float(np.finfo(np.float32 if self.u > 2.0**-50 else np.float64).tiny)
        return Bounded(value, bound + self.u * (np.abs(value) + bound) + tiny, self.u)
