"""Units that are never above zero, or always, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mirada.language import translate
from mirada.views.page import name, number_head, table, wide
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
    note = translate(
        "Dead: never above zero on any of {count} images, so nothing passes and "
        "nothing is learned. Always on: above zero everywhere, so that the ReLU does "
        "nothing."
    )
    yield element("p", note.format(count=images), class_="note")
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
    share = f"{100 * len(row.dead) / row.units:.1f} %"
    numbers = (str(row.units), str(len(row.dead)), share, str(len(row.always_on)))
    return element(
        "tr",
        element("th", name(row.layer), scope="row"),
        *(element("td", text, class_="number") for text in numbers),
        element("td", which or "–"),
    )
