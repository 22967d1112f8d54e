"""Units that are never above zero, or always, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mirada.language import translate
from mirada.views.numbers import count_text, percent_text
from mirada.views.page import name, note, number_head, table, wide
from mirada.views.svg import Element, element

__all__ = ["DeadLayer", "dead_parts"]

_SHOWN_NUMBERS = 24


@dataclass(frozen=True)
class DeadLayer:
    """The units of one layer: how many, which are dead, which are always on."""

    layer: str
    units: int
    dead: tuple[int, ...]
    always_on: tuple[int, ...]


def dead_parts(layers: Sequence[DeadLayer], images: int) -> Iterator[Element]:
    """A table of the units that are never, and of those that are always above zero."""
    words = translate(
        "Dead: never above zero on any of {count} images, so nothing passes and "
        "nothing is learned. Always on: above zero everywhere, so that the ReLU does "
        "nothing."
    )
    yield note(words.format(count=count_text(images)))
    head = (
        element("th", translate("layer"), scope="col"),
        number_head(translate("units")),
        number_head(translate("dead")),
        number_head(translate("share")),
        number_head(translate("always on")),
        element("th", translate("which are dead"), scope="col"),
    )
    yield wide(translate("Dead units"), table(head, map(_dead_row, layers)))


def _dead_row(row: DeadLayer) -> Element:
    which = ", ".join(map(str, row.dead[:_SHOWN_NUMBERS]))
    if len(row.dead) > _SHOWN_NUMBERS:
        which += ", ..."
    share = percent_text(len(row.dead) / row.units)
    counts = map(count_text, (row.units, len(row.dead), len(row.always_on)))
    units, dead, always_on = counts
    numbers = units, dead, share, always_on
    return element(
        "tr",
        element("th", name(row.layer), scope="row"),
        *(element("td", text, class_="number") for text in numbers),
        element("td", which or "–"),
    )
