"""Why an answer was given: a map and its checks, as plain numbers and words."""

import numpy as np
from numpy.typing import NDArray

from mirada.inspection import Reason
from mirada.inspection.reason import strongest
from mirada.inspection.reliability import ALIKE
from mirada.network import INPUT

__all__ = ["plain_reason", "verdict_text"]


def verdict_text(reason: Reason) -> str:
    """What the checks mean, as one paragraph."""
    return " ".join(map(str, reason.verdict))


def plain_reason(reason: Reason) -> dict[str, object]:
    """The map, its checks and what they mean, as JSON shows them."""
    region = strongest(reason.values)
    return {
        "method": reason.method,
        "layer": reason.layer.name if reason.layer else INPUT,
        "signed": reason.signed,
        "map": _rows(reason.values),
        "grid": None if reason.grid is None else _rows(reason.grid),
        "deletion": round(reason.deletion.area, 6),
        "deletion_elsewhere": round(reason.deletion.by_chance, 6),
        "insertion": round(reason.insertion.area, 6),
        "insertion_elsewhere": round(reason.insertion.by_chance, 6),
        "randomisation": round(reason.randomisation.similarity, 6),
        "randomisation_limit": ALIKE,
        "trusted": reason.trusted,
        "verdict": verdict_text(reason),
        "peak": [region.row, region.column],
    }


def _rows(values: NDArray[np.float64]) -> list[list[float]]:
    return [[float(f"{x:.7g}") for x in row] for row in values.tolist()]
