"""How far a correct computation may be from the exact one.

The bounds themselves are those of `reference.rounding`, which a parity report uses too.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mirada.reference.rounding import ELEMENTARY, Bounded, gamma, unit

__all__ = ["ELEMENTARY", "Bounded", "assert_within", "gamma", "sum_bound", "unit"]

Array = NDArray[np.float64]


def sum_bound(count: int, magnitude: Array, dtype: DTypeLike) -> Array:
    """The error of sums of `count` products; `magnitude` is the sum of |a b|."""
    return gamma(count, dtype) * magnitude


def assert_within(found: ArrayLike, exact: ArrayLike, bound: ArrayLike) -> None:
    """Passes where |found - exact| <= bound, everywhere; else tells the worst place."""
    found, exact = np.asarray(found, np.float64), np.asarray(exact, np.float64)
    assert found.shape == exact.shape, f"shape {found.shape}, not {exact.shape}"
    excess = np.abs(found - exact) - bound
    if excess.size == 0 or (excess <= 0).all():
        return
    place = np.unravel_index(np.argmax(np.nan_to_num(excess, nan=np.inf)), excess.shape)
    allowed = np.broadcast_to(np.asarray(bound), excess.shape)[place]
    raise AssertionError(
        f"at {tuple(map(int, place))}: {found[place]!r} instead of {exact[place]!r}, "
        f"off by {abs(found[place] - exact[place]):.3g}, allowed {allowed:.3g}; "
        f"{int((~(excess <= 0)).sum())} of {excess.size} outside"
    )
