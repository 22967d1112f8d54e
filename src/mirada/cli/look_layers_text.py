"""What `mirada look --image` prints."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from mirada.cli.output import Column, say, show, show_table
from mirada.data.naming import shown_path
from mirada.inspection.maps import LayerMaps, MapNumbers
from mirada.language import translate
from mirada.network import INPUT
from mirada.network.layer import shape_text
from mirada.tasks.image_look import ImageLook, Moved
from mirada.tasks.look_words import directions, layer_words, number_text
from mirada.tasks.quantities import percent_text

__all__ = ["print_look"]

_TOP = 5
_MOST_ROWS = 64


def print_look(look: ImageLook, run: str, path: Path) -> None:
    """Prints the answer, the layers or the maps of one, and shifts; says what next."""
    show(look.picture.name)
    show()
    columns = Column(translate("Class")), Column(translate("Probability"), numbers=True)
    show_table(columns, [(n, percent_text(share)) for n, share in look.answers[:_TOP]])
    show()
    if look.layer is None:
        _print_layers(look)
    else:
        _print_maps(look.maps[0])
    show()
    _print_shifts(look)
    show()
    show(translate("Written: {paths}").format(paths=shown_path(path)))
    _advise(look, run)


def _number_columns() -> tuple[Column, ...]:
    return (
        Column(translate("Least"), numbers=True),
        Column(translate("Mean"), numbers=True),
        Column(translate("Largest"), numbers=True),
        Column(translate("Zeros"), numbers=True),
    )


def _number_cells(numbers: MapNumbers) -> tuple[str, ...]:
    return (*map(number_text, numbers[:3]), percent_text(numbers.zeros))


def _print_layers(look: ImageLook) -> None:
    columns = (
        Column(translate("Layer")),
        Column(translate("Kind")),
        Column(translate("Shape")),
        *_number_columns(),
        Column(translate("Strongest"), numbers=True),
    )
    show_table(columns, _layer_rows(look))


def _layer_rows(look: ImageLook) -> Iterator[tuple[str, ...]]:
    words = layer_words(look.network)
    for found in look.maps:
        head = (found.layer, words[found.layer], shape_text(found.shape))
        yield (*head, *_number_cells(found.numbers), str(found.strongest))


def _print_maps(found: LayerMaps) -> None:
    """The maps of one layer, or the numbers of a vector; the first of very many."""
    text = translate("{layer}: {shape}, strongest: {place}")
    shape, place = shape_text(found.shape), found.strongest
    show(text.format(layer=found.layer, shape=shape, place=place))
    each = [*enumerate(found.each())]
    if len(found.shape) == 1:
        value = Column(translate("Value"), numbers=True)
        rows = ((str(n), number_text(m.mean)) for n, m in each[:_MOST_ROWS])
        show_table((Column(translate("Number")), value), rows)
    else:
        cells = ((str(n), *_number_cells(m)) for n, m in each[:_MOST_ROWS])
        show_table((Column(translate("Map")), *_number_columns()), cells)
    if len(each) > _MOST_ROWS:
        text = translate("The first {shown} of {total}.")
        show(text.format(shown=_MOST_ROWS, total=len(each)))


def _print_shifts(look: ImageLook) -> None:
    """The answers after shifts, a row for every distance."""
    show(translate("The answer when the image is moved by a few pixels:"))
    words = directions()
    columns = (Column(translate("Pixels")), *(Column(word) for word in words.values()))
    rows = []
    for pixels in dict.fromkeys(moved.shift.pixels for moved in look.moved):
        here = {m.shift.direction: m for m in look.moved if m.shift.pixels == pixels}
        cells = (_answer(look, here[direction]) for direction in words)
        rows.append((str(pixels), *cells))
    show_table(columns, rows)


def _answer(look: ImageLook, moved: Moved) -> str:
    return f"{look.classes[moved.answer]} {percent_text(moved.probability)}"


def _advise(look: ImageLook, run: str) -> None:
    """What may be asked next."""
    first = look.network.nodes[0].name
    layer = first if look.layer in (None, INPUT) else look.layer
    shape = look.network.shapes[layer]
    place = " ".join(["0", *(str(side // 2) for side in shape[1:])])
    asked = shlex.join(
        ["mirada", "look", shown_path(run), "--image", look.picture.name]
    )
    at = f"{asked} --layer {layer} --at {place}"
    say(translate("How one number comes about: {command}").format(command=at))
    cam = f"{asked} --cam grad-cam"
    say(translate("Why this answer: {command}").format(command=cam))
