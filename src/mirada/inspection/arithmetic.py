"""The arithmetic of any one output of any layer: window, weights, products, sum, bias.

What a layer reads is taken from the activations that an engine gave; what it makes of
them is computed here once more, in float64, so that every number of the way is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase, UsageError
from mirada.inspection import point_terms, window_terms
from mirada.inspection.input_box import InputBox, input_box
from mirada.inspection.terms import Array, Place, Terms
from mirada.network import (
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    Shape,
    Softmax,
    Upsample,
)
from mirada.network.activation import Activation
from mirada.network.layer import shape_text

__all__ = ["Arithmetic", "Following", "arithmetic", "layers_needed"]

SCHEMA = 1

Numbers = NDArray[np.floating]

_TERMS: Mapping[type[Layer], Callable[..., Terms]] = {
    Conv2d: window_terms.conv_terms,
    ConvTranspose2d: window_terms.conv_transpose_terms,
    Linear: window_terms.linear_terms,
    MaxPool2d: window_terms.max_pool_terms,
    AvgPool2d: window_terms.avg_pool_terms,
    GlobalAvgPool2d: window_terms.global_avg_terms,
    Upsample: window_terms.upsample_terms,
    BatchNorm2d: point_terms.batch_norm_terms,
    Flatten: point_terms.flatten_terms,
    Dropout: point_terms.copy_terms,
    Softmax: point_terms.softmax_terms,
    Add: point_terms.add_terms,
    Multiply: point_terms.multiply_terms,
    Concat: point_terms.concat_terms,
    **dict.fromkeys(point_terms.FUNCTIONS, point_terms.function_terms),
}


class Following(NamedTuple):
    """The activation that reads a layer, and what it makes of the output."""

    layer: str
    kind: str
    value: float
    formula: str


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """One output of a layer with everything it is made of.

    `place` is (channel, row, column) or (feature,), counted from 0; `shape` that of the
    layer's output; `sources` are the layers it reads, all that it joins. `computed` is
    the engine's own number, of which `terms.value` is the float64 recomputation.
    """

    layer: str
    kind: str
    text: str
    place: Place
    shape: Shape
    sources: tuple[str, ...]
    terms: Terms
    computed: float
    activation: Following | None
    box: InputBox | None

    @property
    def value(self) -> float:
        """The output."""
        return self.terms.value

    def origin(self, index: tuple[int, ...]) -> tuple[str, Place]:
        """The layer and the place that an entry of the window is read from."""
        axes, source = self.terms.axes, self.terms.source
        if source is None:
            at = tuple(axis[0] for axis in axes)
            gate = index[0] in self.terms.gates
            return self.sources[index[0]], (at[0], 0, 0) if gate else at
        places = (axis[at] for axis, at in zip(axes, index, strict=True))
        return self.sources[source], tuple(places)

    @property
    def strongest(self) -> tuple[int, ...] | None:
        """The entry of the window that counts most; None where all is padding.

        The largest product in size, the winner of a maximum, the own score of a
        softmax, else the largest value.
        """
        terms = self.terms
        if terms.winners:
            return terms.winners[0]
        if terms.exponentials is not None:
            return self.place[0], *(0 for _ in self.place[1:])
        counted = terms.window if terms.products is None else terms.products
        sizes = np.where(terms.inside, np.abs(counted), -1.0)
        if not terms.inside.any():
            return None
        return tuple(map(int, np.unravel_index(np.argmax(sizes), sizes.shape)))

    def to_dict(self) -> dict[str, Any]:
        """The arithmetic as `mirada look --at --json` prints it.

        A tap on padding is 0 in `window`, and false in `inside`; a number that is not
        finite is null.
        """
        terms, following = self.terms, self.activation
        return {
            "schema": SCHEMA,
            "layer": self.layer,
            "kind": self.kind,
            "text": self.text,
            "place": list(self.place),
            "shape": list(self.shape),
            "sources": list(self.sources),
            "window": _plain(terms.window),
            "inside": terms.inside.tolist(),
            "positions": [list(axis) for axis in terms.axes],
            "weights": _plain(terms.weights),
            "products": _plain(terms.products),
            "sum": _plain(terms.sum),
            "bias": _plain(terms.bias),
            "value": _plain(terms.value),
            "formula": terms.formula,
            "activation": following and _plain(following.value),
            "activation_layer": following and following.layer,
            "activation_formula": following and following.formula,
            "computed": _plain(self.computed),
            "winners": [list(winner) for winner in terms.winners],
            "exponentials": _plain(terms.exponentials),
            "facts": {name: _plain(value) for name, value in terms.facts},
            "input_box": self.box and self.box.to_dict(),
        }


def layers_needed(network: Network, layer: str) -> tuple[str, ...]:
    """The names whose activations `arithmetic` reads for a layer.

    >>> from mirada.network import Conv2d, ReLU
    >>> layers_needed(Network("tiny", (1, 5, 5), [Conv2d(1, 3), ReLU()]), "relu1")
    ('conv1', 'relu1')
    """
    return (INPUT,) if layer == INPUT else (*network.by_name[layer].inputs, layer)


def arithmetic(
    network: Network,
    parameters: Mapping[str, Numbers],
    activations: Mapping[str, Numbers],
    layer: str,
    place: Place,
) -> Arithmetic:
    """The arithmetic of the output at `place` of the layer called `layer`.

    `activations` are those of `layers_needed`, for one image: (1, ...) each; "input" is
    a layer too. Raises UsageError (`place-outside`).

    >>> from mirada.network import Linear
    >>> network = Network("tiny", (2,), [Linear(1)])
    >>> own = {"linear1.weight": np.array([[3.0, -1.0]]), "linear1.bias": np.ones(1)}
    >>> seen = {"input": np.array([[1.0, 5.0]]), "linear1": np.array([[-1.0]])}
    >>> found = arithmetic(network, own, seen, "linear1", (0,))
    >>> found.terms.products.tolist(), found.terms.formula
    ([3.0, -5.0], '-2 + 1 = -1')
    """
    shape = network.shapes[layer]
    _require_inside(layer, shape, place)
    image = {
        name: np.asarray(value[0], np.float64) for name, value in activations.items()
    }
    computed = float(image[layer][place])
    box = input_box(network, layer, place)
    if layer == INPUT:
        terms = point_terms.copy_terms(Dropout(), (image[INPUT],), {}, place)
        return Arithmetic(
            layer, INPUT, "", place, shape, (INPUT,), terms, computed, None, box
        )
    node = network.by_name[layer]
    return Arithmetic(
        layer=layer,
        kind=node.layer.kind,
        text=node.layer.text(),
        place=place,
        shape=shape,
        sources=node.inputs,
        terms=_terms(node, parameters, image, place),
        computed=computed,
        activation=_following(network, layer, image, place),
        box=box,
    )


def _terms(
    node: Node,
    parameters: Mapping[str, Numbers],
    image: Mapping[str, Array],
    place: Place,
) -> Terms:
    prefix = f"{node.name}."
    own = {
        name.removeprefix(prefix): np.asarray(value, np.float64)
        for name, value in parameters.items()
        if name.startswith(prefix)
    }
    inputs = tuple(image[name] for name in node.inputs)
    return _TERMS[type(node.layer)](node.layer, inputs, own, place)


def _following(
    network: Network, layer: str, image: Mapping[str, Array], place: Place
) -> Following | None:
    """The first activation that reads the layer."""
    for name in network.readers[layer]:
        node = network.by_name[name]
        if isinstance(node.layer, Activation):
            terms = _terms(node, {}, image, place)
            return Following(name, node.layer.kind, terms.value, terms.formula)
    return None


def _require_inside(layer: str, shape: Shape, place: Place) -> None:
    inside = len(place) == len(shape) and all(
        0 <= at < length for at, length in zip(place, shape, strict=True)
    )
    if inside:
        return
    last = [length - 1 for length in shape]
    if len(shape) == 1:
        wanted = Phrase("a feature from 0 to {last}", last=last[0])
    else:
        wanted = Phrase(
            "a channel from 0 to {channel}, a row from 0 to {row} and a column from 0 "
            "to {column}",
            channel=last[0],
            row=last[1],
            column=last[2],
        )
    raise UsageError(
        "place-outside",
        "Layer {layer!r} gives {shape}: a place in it is {wanted}; got {place}.",
        layer=layer,
        shape=shape_text(shape),
        wanted=wanted,
        place=" ".join(map(str, place)),
    )


def _plain(value: Any) -> Any:
    """Numbers as JSON holds them, null for what is not finite."""
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value] if value.ndim else _plain(float(value))
    return float(value) + 0.0 if np.isfinite(value) else None
