"""Graphs of functions: activations, and softmax as bars."""

from collections.abc import Iterator

import numpy as np

from mirada.network import LeakyReLU, Network, ReLU, Sigmoid, Softmax
from mirada.network.layer import Layer
from mirada.reference import forward
from mirada.views.svg import Element, element, figure
from scripts.figures.words import decimal, said

__all__ = ["relu", "softmax"]


def values(layer: Layer, inputs: list[float]) -> list[float]:
    """What a layer makes of each number, by mirada's reference."""
    network = Network("one", (len(inputs),), (layer,))
    activations = forward(network, {}, np.array([inputs]))
    return [float(value) for value in activations[network.nodes[-1].name][0]]


def relu() -> Element:
    """ReLU, and two other activations beside it."""
    inputs = [step / 10 for step in range(-40, 41)]
    panels = (
        ("ReLU", values(ReLU(), inputs)),
        ("Leaky ReLU (0.1)", values(LeakyReLU(0.1), inputs)),
        (said("Sigmoid", "Sigmoide"), values(Sigmoid(), inputs)),
    )
    content = [
        part
        for place, (name, outputs) in enumerate(panels)
        for part in _graph(name, inputs, outputs, 16 + place * 200.0)
    ]
    about = said(
        "ReLU is 0 for negative numbers and the number itself for positive ones; "
        "leaky ReLU keeps a tenth of the negative; the sigmoid goes from 0 to 1.",
        "ReLU da 0 para números negativos y el mismo número para los positivos; leaky "
        "ReLU conserva una décima de lo negativo; la sigmoide va de 0 a 1.",
    )
    title = said("Three activations", "Tres activaciones")
    return figure("relu", (616, 226), title, about, *content)


def _graph(
    name: str, inputs: list[float], outputs: list[float], left: float
) -> Iterator[Element]:
    scale, zero_x, zero_y = 20.0, left + 90, 156.0
    points = " ".join(
        f"{zero_x + scale * x:.1f},{zero_y - scale * y:.1f}"
        for x, y in zip(inputs, outputs, strict=True)
    )
    yield element("rect", class_="panel", x=left, y=32, width=184, height=180, rx=6)
    yield element("text", name, class_="ink title", x=left + 4, y=22)
    yield element(
        "line", class_="axis", x1=left + 6, x2=left + 178, y1=zero_y, y2=zero_y
    )
    yield element("line", class_="axis", x1=zero_x, x2=zero_x, y1=44, y2=204)
    for mark in (-3, 3):
        x = zero_x + scale * mark
        sign = f"{mark}".replace("-", "−")
        yield element("text", sign, class_="soft number", x=x, y=zero_y + 16)
    yield element("text", "3", class_="soft", x=zero_x - 14, y=zero_y - 3 * scale + 4)
    yield element("polyline", class_="line-1", points=points)


def softmax() -> Element:
    """Four scores and the four probabilities that softmax makes of them."""
    scores = [5.0, 2.0, -1.0, 3.0]
    shares = values(Softmax(), scores)
    rows, left, zero = 34.0, 16.0, 80.0
    content = [
        element("text", said("score", "puntaje"), class_="ink title", x=left, y=22),
        element(
            "text",
            said("probability", "probabilidad"),
            class_="ink title",
            x=250,
            y=22,
        ),
    ]
    for place, (score, share) in enumerate(zip(scores, shares, strict=True)):
        y = 36 + rows * place
        start, width = zero + min(20 * score, 0), abs(20 * score)
        kind = "positive" if score > 0 else "negative"
        content += [
            element("rect", class_=kind, x=start, y=y, width=width, height=20),
            element(
                "text",
                f"{score:g}".replace("-", "−"),
                class_="ink",
                x=zero + max(20 * score, 0) + 8,
                y=y + 15,
            ),
            element("rect", class_="dot-1", x=250, y=y, width=240 * share, height=20),
            element(
                "text", decimal(share, 4), class_="ink", x=258 + 240 * share, y=y + 15
            ),
        ]
    about = said(
        "Scores 5, 2, -1 and 3 become 0.842, 0.0419, 0.0021 and 0.114.",
        "Los puntajes 5, 2, -1 y 3 se vuelven 0,842, 0,0419, 0,0021 y 0,114.",
    )
    title = said("Softmax of four scores", "Softmax de cuatro puntajes")
    return figure("softmax", (560, 180), title, about, *content)
