"""What `mirada look --layer` prints without an image."""

from collections.abc import Iterator
from pathlib import Path

from mirada.cli.output import Column, count_text, show, show_table
from mirada.data.naming import shown_path
from mirada.inspection.dead import Activity
from mirada.inspection.gabor_bank import Comparison
from mirada.language import translate
from mirada.network.layer import shape_text
from mirada.tasks.layer_look import SHOWN_UNITS, LayerLook
from mirada.tasks.look_words import layer_words, number_text
from mirada.tasks.quantities import percent_text

__all__ = ["print_learned"]

_MOST_ROWS = 32
_MOST_NUMBERS = 24


def print_learned(look: LayerLook, path: Path) -> None:
    """Prints what a layer has learned, and where the page is."""
    for line in _head(look):
        show(line)
    if look.patches:
        show()
        _print_units(look)
    if look.comparison is not None:
        show(_against_chance(look, look.comparison))
    if look.activity is not None:
        show()
        for line in _activity(look.activity):
            show(line)
    if look.found.probes:
        show()
        _print_probes(look)
    show()
    show(translate("Written: {paths}").format(paths=shown_path(path)))


def _head(look: LayerLook) -> Iterator[str]:
    what = layer_words(look.network)[look.layer]
    shape = shape_text(look.network.shapes[look.layer])
    yield f"{look.layer} ({what}): {shape}"
    if look.parameters:
        text = translate("It learns {count} numbers.")
        yield text.format(count=count_text(look.parameters))
    else:
        yield translate("It learns nothing: what follows is what passes through it.")
    text = translate("Looked at with {count} of {of} images.")
    count, of = len(look.sample.places), look.sample.of
    yield text.format(count=count_text(count), of=count_text(of))


def _print_units(look: LayerLook) -> None:
    """A row a unit: how far its filter went, its Gabor filter, what excites it."""
    names = [translate("Unit")]
    if look.filters is not None and look.filters.before is not None:
        names += [translate("Moved"), translate("Cosine")]
    if look.comparison is not None:
        names += [translate("Gabor"), translate("Angle")]
    if look.liked is not None:
        names.append(translate("Likes"))
    numbers = [Column(name, numbers=True) for name in names]
    columns = (*numbers, Column(translate("Excited most by")))
    total = len(look.patches)
    shown = min(total, SHOWN_UNITS if look.filters is None else _MOST_ROWS)
    show_table(columns, [_row(look, number) for number in range(shown)])
    if shown < total:
        text = translate("The first {shown} of {total}.")
        show(text.format(shown=shown, total=total))


def _row(look: LayerLook, number: int) -> tuple[str, ...]:
    cells = [str(number)]
    filters, comparison, liked = look.filters, look.comparison, look.liked
    if filters is not None and filters.moved is not None and filters.cosine is not None:
        pair = float(filters.moved[number]), float(filters.cosine[number])
        cells += [number_text(value, 2) for value in pair]
    if comparison is not None:
        match = comparison.matches[number]
        cells += (
            ["-", "-"]
            if match is None
            else [number_text(match.correlation, 2), f"{match.gabor.angle:.0f}°"]
        )
    if liked is not None:
        known = number < len(liked.after)
        cells.append(number_text(liked.after[number], 2) if known else "-")
    return (*cells, _best(look, number))


def _best(look: LayerLook, number: int) -> str:
    """The image that excites a unit most: its class, the value, the box."""
    patches = look.patches[number]
    if not patches:
        return "-"
    best = patches[0]
    label, value = look.sample.label(best.image), number_text(best.value, 2)
    if best.box is None:
        return f"{label}: {value}"
    text = translate("{label}: {value} (rows {top}-{bottom}, columns {left}-{right})")
    (top, bottom), (left, right) = best.box[:2]
    return text.format(
        label=label, value=value, top=top, bottom=bottom, left=left, right=right
    )


def _against_chance(look: LayerLook, comparison: Comparison) -> str:
    text = translate(
        "Beside a bank of Gabor filters, half of random filters of this size reach "
        "{median}, 1 in 20 reaches {high}: {above} of {count} here are above that."
    )
    return text.format(
        median=number_text(comparison.median, 2),
        high=number_text(comparison.high, 2),
        above=comparison.above,
        count=len(look.patches),
    )


def _activity(found: Activity) -> Iterator[str]:
    rows = (
        (translate("Dead units of {layer}: {count} of {units}{which}"), found.dead),
        (translate("Always on in {layer}: {count} of {units}{which}"), found.always_on),
    )
    for text, units in rows:
        named = ", ".join(map(str, units[:_MOST_NUMBERS]))
        more = ", ..." if len(units) > _MOST_NUMBERS else ""
        yield text.format(
            layer=found.layer,
            count=len(units),
            units=len(found.awake),
            which=f" ({named}{more})" if units else "",
        )


def _print_probes(look: LayerLook) -> None:
    """Right answers of linear probes, from the pixels up to this layer."""
    columns = (
        Column(translate("Linear probe of")),
        Column(translate("Right answers"), numbers=True),
        Column(translate("95 % interval"), numbers=True),
        Column(translate("Numbers seen"), numbers=True),
    )
    rows = [
        (
            score.layer,
            percent_text(score.accuracy),
            " - ".join(map(percent_text, score.interval)),
            str(score.features),
        )
        for score in look.found.probes
    ]
    words = translate("the commonest class")
    show_table(columns, [*rows, (words, percent_text(look.sample.chance), "-", "-")])
