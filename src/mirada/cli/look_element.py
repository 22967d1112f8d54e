"""One number of a layer on one image, with its window, its weights and its sum."""

import shlex

from mirada.cli import output
from mirada.cli.arithmetic_text import place_text, show_arithmetic
from mirada.inspection import Arithmetic, InputBox, arithmetic, layers_needed
from mirada.inspection.terms import factor_text, number_text
from mirada.language import translate
from mirada.network import INPUT
from mirada.tasks.subject import Picture, Subject

__all__ = ["show"]


def show(
    subject: Subject,
    picture: Picture,
    layer: str,
    place: tuple[int, ...],
    *,
    as_json: bool,
) -> None:
    """Prints the arithmetic of the output, the pixels behind it, and how to go on."""
    found = _found(subject, picture, layer, place)
    if as_json:
        output.show_json({**found.to_dict(), "image": picture.name})
        return
    show_arithmetic(found, subject.model.classes)
    if layer == INPUT:
        _show_pixel(subject, picture, found)
    _show_class(subject, found)
    output.show()
    _show_pixels(found.box)
    _show_way_back(found, subject, picture)


def _found(
    subject: Subject, picture: Picture, layer: str, place: tuple[int, ...]
) -> Arithmetic:
    network, engine = subject.model.network, subject.engine
    seen = engine.activations(picture.values, layers_needed(network, layer))
    return arithmetic(network, engine.parameters(), seen, layer, place)


def _show_pixel(subject: Subject, picture: Picture, found: Arithmetic) -> None:
    """How the value came from a pixel of 0 to 255."""
    channel, row, column = found.place
    wanted = subject.model.preprocessing
    mean, deviation = wanted.mean[channel], wanted.std[channel]
    formula = (
        f"({picture.pixels[row, column, channel]}/255 - {number_text(mean)})"
        f"/{number_text(deviation)} = {number_text(found.value)}"
    )
    template = translate("The pixel of the image, normalized: {sum}")
    output.show(template.format(sum=formula))


def _show_class(subject: Subject, found: Arithmetic) -> None:
    """Which class the number speaks for, where it is the network's answer."""
    model = subject.model
    last = model.network.nodes[-1]
    answers = (last.name, last.source) if last.layer.kind == "softmax" else (last.name,)
    if found.layer in answers and found.shape[0] == len(model.classes):
        name = output.printable(model.classes[found.place[0]])
        output.show(translate("It speaks for the class {name!r}.").format(name=name))


def _show_pixels(box: InputBox | None) -> None:
    if box is None:
        text = translate("No pixel of the image can be named that changes this number.")
        output.show(text)
        return
    template = translate(
        "Pixels of the image that can change it: rows {rows}, columns {columns} "
        "({height}x{width})."
    )
    height, width = box.size
    rows, columns = (f"{first}..{last}" for first, last in box[:2])
    output.show(template.format(rows=rows, columns=columns, height=height, width=width))
    if box.in_padding:
        rows, columns = (f"{first}..{last}" for first, last in box[2:])
        template = translate(
            "Its receptive field reaches into the padding: rows {rows}, columns "
            "{columns}."
        )
        output.show(template.format(rows=rows, columns=columns))


def _show_way_back(found: Arithmetic, subject: Subject, picture: Picture) -> None:
    """The term that counts most, and the command that shows where it comes from."""
    index = found.strongest
    if index is None or found.layer == INPUT:
        return
    source, place = found.origin(index)
    terms = found.terms
    if terms.weights is not None and terms.products is not None:
        parts = [number_text(terms.window[index]), factor_text(terms.weights[index])]
        product = number_text(terms.products[index])
        template = translate("The largest product: {source}, {place}: {product}.")
        text = f"{parts[0]}*{parts[1]} = {product}"
        output.show(
            template.format(source=source, place=place_text(place), product=text)
        )
    words = ["mirada", "look", subject.run, "--image", picture.name, "--layer", source]
    words += ["--at", *map(str, place)]
    output.show(translate("To walk back: {command}").format(command=shlex.join(words)))
