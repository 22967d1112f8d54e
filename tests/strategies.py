"""What drawn tests draw: values of every limit, parts of descriptions, networks.

The strategies follow from the limits that `network/field.py` declares, so that a new
field is drawn as soon as it is declared.
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.errors import ShapeError
from mirada.network import (
    INPUT,
    Concat,
    Flatten,
    Layer,
    Linear,
    Multiply,
    Network,
    Node,
    Rate,
    Recipe,
    Shape,
    Softmax,
)
from mirada.network.field import (
    Choice,
    Flag,
    Limit,
    Numbers,
    Optional,
    Pair,
    Real,
    Whole,
)
from mirada.network.text import LAYERS, LOSSES, OPTIMIZERS, SCHEDULES
from mirada.network.value import Value
from mirada.network.window import SAME, Padding
from mirada.reference import initial_parameters
from tests.fitting import JOINS, MAKERS, fits

__all__ = [
    "KINDS",
    "batch",
    "lively_parameters",
    "networks",
    "outside",
    "recipes",
    "strategy",
    "values",
]

V = TypeVar("V", bound=Value)

KINDS = tuple(LAYERS)
"""Every kind of layer."""

Images = NDArray[np.float32]
_PARTS: tuple[Mapping[str, type[Any]], ...] = (LOSSES, OPTIMIZERS, SCHEDULES)


def strategy(limit: Limit[Any]) -> st.SearchStrategy[Any]:
    """Values inside a limit, in the form the field keeps them."""
    match limit:
        case Whole():
            return st.integers(limit.low, limit.high)
        case Real():
            return st.floats(
                limit.low,
                limit.high,
                exclude_min=limit.above,
                exclude_max=limit.below,
            )
        case Flag():
            return st.booleans()
        case Choice():
            return st.sampled_from(limit.options)
        case Pair():
            return st.tuples(strategy(limit.each), strategy(limit.each))
        case Numbers():
            return st.lists(strategy(limit.each), max_size=min(limit.most, 9)).map(
                tuple
            )
        case Padding():
            sides = st.tuples(*[strategy(limit.each)] * 4)
            return sides | st.sampled_from(SAME) if limit.same else sides
        case Optional():
            return st.none() | strategy(limit.inner)
    raise NotImplementedError(f"no strategy for {type(limit).__name__}")


def outside(limit: Limit[Any]) -> st.SearchStrategy[Any]:
    """Values that a limit refuses: beyond its bounds, or of another kind."""
    other = st.sampled_from(["", "many", b"1", {}, 1j, float("nan"), float("inf")])
    match limit:
        case Whole():
            beyond = st.integers(max_value=limit.low - 1) | st.integers(limit.high + 1)
            return beyond | other | st.none() | st.booleans() | st.just(1.5)
        case Real():
            low = st.floats(max_value=limit.low, exclude_max=not limit.above)
            high = st.floats(min_value=limit.high, exclude_min=not limit.below)
            return low | high | other | st.none() | st.booleans() | st.just(10**400)
        case Flag():
            return other | st.none() | st.integers()
        case Choice():
            return (
                other | st.none() | st.text().filter(lambda t: t not in limit.options)
            )
        case Pair() | Padding():
            good, bad = strategy(limit.each), outside(limit.each)
            mixed = st.tuples(good, bad) | st.tuples(bad, good)
            wrong_length = st.lists(good).filter(lambda x: len(x) not in (1, 2, 4))
            return mixed | wrong_length | bad.filter(lambda x: x not in SAME)
        case Numbers():
            return other | st.none() | st.lists(outside(limit.each), min_size=1)
        case Optional():
            return outside(limit.inner).filter(lambda value: value is not None)
    raise NotImplementedError(f"no strategy for {type(limit).__name__}")


def values(kind: type[V]) -> st.SearchStrategy[V]:
    """Layers, losses, optimizers or schedules of one kind, anywhere in their limits."""
    drawn = {name: strategy(limit) for name, limit in kind.limits().items()}
    return st.builds(kind, **drawn)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Recipes, anywhere in their limits."""
    loss, optimizer, schedule = (
        draw(st.one_of([values(kind) for kind in kinds.values()])) for kinds in _PARTS
    )
    names = ("epochs", "batch_size", "seed", "gradient_clip", "ema")
    limits = {name: Recipe.__dict__[name] for name in names}
    numbers = {name: draw(strategy(limit)) for name, limit in limits.items()}
    factors = draw(st.lists(st.floats(0.001, 1000.0), max_size=2))
    rates = [Rate("*", factor) for factor in factors]
    return Recipe(loss, optimizer, schedule, **numbers, rates=rates)


@st.composite
def networks(
    draw: st.DrawFn,
    kinds: Collection[str] = KINDS,
    *,
    scores: bool = False,
    most_layers: int = 6,
    largest: int = 12,
    most_channels: int = 4,
) -> Network:
    """Small networks of layers of the given kinds, sequential or with joins.

    With `scores` the network ends in a vector of 2 to 9 scores, by flatten and linear
    layers, and so can be trained; these two are then in `kinds` by themselves. The
    input is an image of up to `most_channels` by `largest` by `largest`, or, where no
    layer of `kinds` needs an image, sometimes a vector.
    """
    side = st.integers(1, largest)
    shape: Shape = (draw(st.integers(1, most_channels)), draw(side), draw(side))
    if "linear" in kinds and draw(st.integers(0, 7)) == 0:
        shape = (draw(st.integers(1, 9)),)
    growing = _Growing(shape)
    for _ in range(draw(st.integers(1, most_layers))):
        kind = draw(st.sampled_from(sorted(growing.possible(kinds))))
        growing.add(draw, kind)
    if scores:
        growing.finish(draw, "softmax" in kinds)
    return Network("drawn", shape, growing.nodes)


class _Growing:
    """A network while it is drawn: its layers, and the shape each of them gives."""

    def __init__(self, shape: Shape) -> None:
        self.nodes: list[Node] = []
        self.shapes = {INPUT: shape}
        self.last = INPUT

    @property
    def shape(self) -> Shape:
        """The shape the next layer takes."""
        return self.shapes[self.last]

    def possible(self, kinds: Collection[str]) -> set[str]:
        """The kinds that fit here; "relu" alone where none does."""
        single = {k for k in kinds if k in MAKERS and fits(k, self.shape)}
        joins = {k for k in kinds if k in JOINS and self.partners(k)}
        return single | joins or {"relu"}

    def partners(self, kind: str) -> list[str]:
        """The earlier layers that a join could take with the last one."""
        alike = [n for n, s in self.shapes.items() if len(s) == len(self.shape)]
        if kind == "add":
            return [n for n in alike if self.shapes[n] == self.shape]
        if kind == "multiply":
            return [n for n in alike if self.multiplies(self.shapes[n])]
        return [n for n in alike if sum((self.shape[0], self.shapes[n][0])) <= 24]

    def multiplies(self, shape: Shape) -> bool:
        """Whether what has this shape and the last layer have a product."""
        try:
            return bool(Multiply().output(self.shape, shape))
        except ShapeError:
            return False

    def add(self, draw: st.DrawFn, kind: str) -> None:
        """Draws a layer of the kind, in its place."""
        if kind in MAKERS:
            self.append(MAKERS[kind](draw, self.shape))
            return
        most = 1 if kind == "multiply" else 2
        partner = st.sampled_from(self.partners(kind))
        others = draw(st.lists(partner, min_size=1, max_size=most))
        sizes = {self.shapes[name][1:] for name in (self.last, *others)}
        layer = Concat(crop=len(sizes) > 1) if kind == "concat" else JOINS[kind]()
        self.append(layer, tuple(others))

    def append(self, layer: Layer, others: tuple[str, ...] = ()) -> None:
        """Puts a layer after the last one, and follows its shape."""
        name = f"{layer.kind}{len(self.nodes)}"
        inputs = (self.shape, *(self.shapes[other] for other in others))
        self.shapes[name] = layer.output(*inputs)
        self.nodes.append(Node(layer, name, self.last, others))
        self.last = name

    def finish(self, draw: st.DrawFn, softmax: bool) -> None:
        """Ends in scores, and now and then in softmax."""
        if len(self.shape) == 3:
            self.append(Flatten())
        self.append(Linear(draw(st.integers(2, 9))))
        if softmax and draw(st.integers(0, 3)) == 0:
            self.append(Softmax())


def batch(network: Network, count: int, seed: int) -> tuple[Images, NDArray[np.int64]]:
    """`count` images of normal noise, and a label for each."""
    noise = np.random.default_rng(seed)
    images = noise.normal(size=(count, *network.input)).astype(np.float32)
    return images, noise.integers(0, int(np.prod(network.output)), count)


def lively_rates(network: Network, seed: int) -> tuple[Rate, ...]:
    """For every second seed none; else some parameters faster, slower, or frozen.

    Layers are frozen whole or in part; one parameter learns at least.
    """
    own = [n for n, p in network.parameters.items() if p.role != "statistic"]
    if seed % 2 == 0 or not own:
        return ()
    noise = np.random.default_rng(seed)
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in own))
    named = [*noise.choice(layers, min(3, len(layers)), replace=False)]
    named += [noise.choice(own), "*.bias"] if "bias" in str(own) else []
    factors = noise.choice([0.0, 0.0, 0.5, 3.0], len(named))
    rates = [Rate(str(n), float(f)) for n, f in zip(named, factors, strict=True)]
    return (*rates, Rate(own[int(noise.integers(len(own)))], 2.0))


def lively_parameters(network: Network, seed: int) -> dict[str, Images]:
    """Parameters of a network that looks as if it were trained: none zero, none equal.

    Weights begin as the network says; biases, scales and statistics are noise, and
    variances positive.
    """
    noise = np.random.default_rng(seed)
    found = initial_parameters(network, seed)
    for name, value in found.items():
        drawn = noise.normal(size=value.shape)
        if name.endswith("running_var") or value.min() == value.max() == 1:
            found[name] = (0.5 + np.abs(drawn)).astype(np.float32)
        elif value.ndim == 1 or not value.any():
            found[name] = (0.5 * drawn).astype(np.float32)
    return found
