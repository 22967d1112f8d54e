"""Pictures of networks: neurons and weights, maps as boxes, fields on an image."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from mirada import build, load, summarize
from mirada.analysis import receptive_fields
from mirada.views import data_uri
from mirada.views.svg import Element, element, figure
from scripts.figures.words import said, thousands

__all__ = ["fields", "fully_connected", "lenet", "shares"]

_LETTERS = ("x", "h", "y")


def fully_connected() -> Element:
    """A network of 3, 4 and 2 neurons, with a line for every weight."""
    sizes = (3, 4, 2)
    places = [
        [(70.0 + 190 * layer, 130 + 56 * (n - (size - 1) / 2)) for n in range(size)]
        for layer, size in enumerate(sizes)
    ]
    lines = [
        element("line", class_="axis", x1=x1, y1=y1, x2=x2, y2=y2)
        for before, after in pairwise(places)
        for x1, y1 in before
        for x2, y2 in after
    ]
    circles = [
        part
        for letter, layer in zip(_LETTERS, places, strict=True)
        for number, (x, y) in enumerate(layer, 1)
        for part in _neuron(f"{letter}{number}", x, y)
    ]
    counts = [
        element(
            "text",
            f"({a} + 1)·{b} = {(a + 1) * b}",
            class_="ink number",
            x=165 + 190 * place,
            y=258,
        )
        for place, (a, b) in enumerate(pairwise(sizes))
    ]
    title = said("A network 3-4-2", "Una red 3-4-2")
    about = said(
        "Three inputs, four hidden neurons, two outputs; a line from each neuron to "
        "every neuron of the next layer.",
        "Tres entradas, cuatro neuronas ocultas, dos salidas; una línea de cada "
        "neurona a todas las de la capa siguiente.",
    )
    return figure("dense", (520, 276), title, about, *lines, *circles, *counts)


def _neuron(name: str, x: float, y: float) -> Iterator[Element]:
    yield element("circle", class_="paper", cx=x, cy=y, r=19)
    yield element("circle", class_="panel", cx=x, cy=y, r=19, stroke_width=2)
    yield element("circle", class_="line-1", cx=x, cy=y, r=19)
    yield element("text", name, class_="ink number", x=x, y=y + 4)


def lenet() -> Element:
    """The maps of the lecture's network, to scale: as high as they are, by number."""
    summary = summarize(build("lenet5_lecture"))
    kept = ("conv1", "maxpool1", "conv2", "maxpool2", "linear1", "linear2", "linear3")
    rows = [row for row in summary.layers if row.name in kept]
    shapes = [(said("image", "imagen"), summary.network.input)]
    shapes += [(row.name, row.output_shape) for row in rows]
    content: list[Element] = []
    x, middle = 16.0, 92.0
    for name, shape in shapes:
        parts, width = _maps(shape, x, middle)
        centre = x + width / 2
        words = "x".join(map(str, shape))
        content += [
            *parts,
            element("text", name, class_="ink number", x=centre, y=188),
            element("text", words, class_="soft number", x=centre, y=205),
        ]
        x += max(width, 46) + 20
    title = said("The network of the lecture", "La red de la clase")
    about = said(
        "Maps become smaller and more from layer to layer, until vectors of 120, 84 "
        "and 10 numbers are left.",
        "Los mapas se vuelven más pequeños y más numerosos de capa en capa, hasta que "
        "quedan vectores de 120, 84 y 10 números.",
    )
    return figure("lenet", (x, 218), title, about, *content)


def _maps(
    shape: tuple[int, ...], x: float, middle: float
) -> tuple[list[Element], float]:
    """The maps of a layer as squares behind each other, and how wide they are."""
    if len(shape) == 1:
        high = shape[0] * 1.2
        bar = element(
            "rect",
            class_="dot-1",
            x=x + 16,
            y=middle - high / 2,
            width=14,
            height=high,
        )
        return [bar], 46.0
    channels, height, width = shape
    side, step = 2.4 * height, 4.0
    first = middle - side / 2 - step * (channels - 1) / 2
    squares = [
        part
        for n in range(channels)
        for part in (
            element(
                "rect",
                class_="paper",
                x=x + step * n,
                y=first + step * n,
                width=2.4 * width,
                height=side,
            ),
            element(
                "rect",
                class_="line-1",
                x=x + step * n,
                y=first + step * n,
                width=2.4 * width,
                height=side,
                fill_opacity=0.2,
            ),
        )
    ]
    return squares, 2.4 * width + step * (channels - 1)


def fields() -> Element:
    """What one output of each layer sees of an image of 32x32 pixels."""
    network = build("lenet5_lecture")
    image = load("digits").images[12, :, :, 0].repeat(4, axis=0).repeat(4, axis=1)
    found = receptive_fields(network)
    names = ("conv1", "maxpool1", "conv2", "maxpool2")
    scale, left = 3.0, 16.0
    content: list[Element] = []
    for place, name in enumerate(names):
        x = left + place * 120
        field = found[name]
        assert field is not None and field.width.jump is not None
        columns = network.shapes[name][-1]
        start = float(field.width.start + field.width.jump * (columns // 2))
        content += [
            element("text", name, class_="ink title", x=x, y=22),
            element(
                "image",
                class_="pixels",
                x=x,
                y=34,
                width=96,
                height=96,
                href=data_uri(image.astype(np.uint8)),
            ),
            element(
                "rect",
                class_="window-2",
                x=x + scale * start,
                y=34 + scale * start,
                width=scale * field.size,
                height=scale * field.size,
            ),
            element("text", f"{field.size}x{field.size}", class_="soft", x=x, y=148),
        ]
    title = said("Receptive fields", "Campos receptivos")
    about = said(
        "One output of conv1 sees 5x5 pixels of the image, of maxpool1 6x6, of conv2 "
        "14x14 and of maxpool2 16x16.",
        "Una salida de conv1 ve 5x5 píxeles de la imagen, de maxpool1 6x6, de conv2 "
        "14x14 y de maxpool2 16x16.",
    )
    return figure("fields", (left + 4 * 120, 162), title, about, *content)


def shares() -> Element:
    """Where the parameters are, and where the computing is."""
    summary = summarize(build("lenet5_lecture"))
    rows = [row for row in summary.layers if row.parameters.total]
    totals = summary.totals
    content = [
        element(
            "text", said("parameters", "parámetros"), class_="ink title", x=90, y=22
        ),
        element("text", "MACs", class_="ink title", x=330, y=22),
    ]
    for place, row in enumerate(rows):
        y = 36 + 30 * place
        content.append(
            element("text", row.name, class_="ink", x=80, y=y + 14, text_anchor="end")
        )
        for x, kind, count, total in (
            (90, "dot-1", row.parameters.total, totals.parameters),
            (330, "dot-2", row.operations.macs, totals.macs),
        ):
            width = 160 * count / total
            content += [
                element("rect", class_=kind, x=x, y=y, width=width, height=18),
                element(
                    "text", thousands(count), class_="soft", x=x + width + 6, y=y + 14
                ),
            ]
    title = said("Parameters and MACs by layer", "Parámetros y MACs por capa")
    about = said(
        "Most parameters are in linear1, most of the computing in conv1 and conv2.",
        "La mayoría de los parámetros está en linear1; la mayor parte del cálculo, en "
        "conv1 y conv2.",
    )
    return figure("shares", (560, 36 + 30 * len(rows) + 8), title, about, *content)
