"""Why an answer was given, as a figure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.inspection import Reason
from mirada.inspection.reliability import ALIKE
from mirada.language import translate
from mirada.tasks.quantities import percent_text
from mirada.tasks.reason_look import verdict_text
from mirada.views import Element, MapCheck, ReasonRow, reasons_figure

__all__ = ["title_text", "why_figure"]


def why_figure(
    name: str,
    note: str,
    pixels: NDArray[np.uint8],
    found: Sequence[Reason],
    key: str = "reasons",
    *,
    narrow: bool = False,
) -> Element:
    """The figure of one image's reasons; `name` is that of the class explained."""
    title = title_text(name, found[0].answer.probability)
    rows = [_drawn(reason) for reason in found]
    return reasons_figure(title, note, pixels, rows, key, narrow=narrow)


def title_text(name: str, share: float) -> str:
    """The question that the figure answers."""
    return translate("Why {name}? ({share})").format(
        name=name, share=percent_text(share)
    )


def _drawn(reason: Reason) -> ReasonRow:
    layer, likeness = reason.layer, reason.randomisation
    falls, rises = reason.deletion, reason.insertion
    title = reason.method
    if layer is not None:
        height, width = layer.size
        title += " · " + translate("layer {name} ({size})").format(
            name=layer.name, size=f"{height}x{width}"
        )
    return ReasonRow(
        title,
        reason.values,
        reason.signed,
        MapCheck(falls.area, falls.by_chance, reason.falls_sooner),
        MapCheck(rises.area, rises.by_chance, reason.rises_sooner),
        MapCheck(likeness.similarity, ALIKE, likeness.passes),
        verdict_text(reason),
    )
