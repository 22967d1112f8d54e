"""Drawn networks with a right table, and tables with one planted mistake.

The arithmetic is written a second time here, as a student would: nothing of
`mirada.analysis` is used, so that the checker and its proof share no mistake.

Left out of the draws is what cannot be seen: where the planted number is the true one
(a forgotten padding that rounding hides, one channel, a 1x1 kernel, ...).
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, prod
from typing import NamedTuple

from mirada.network import Conv2d, Flatten, Layer, Linear, MaxPool2d, Network, ReLU

__all__ = [
    "KINDS",
    "Draw",
    "Planted",
    "Rows",
    "carried",
    "correct",
    "drawn",
    "number_text",
    "planted",
    "written",
]

Rows = list[tuple[str, str, str]]

_BATCHES = (8, 16, 32, 64, 128)


@dataclass
class Stage:
    """One layer as a student sees it: what arrives, its window, and what is right."""

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...] = ()
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    same: bool = False
    bias: bool = True
    parameters: int = 0
    before_pooling: tuple[int, ...] = ()


@dataclass
class Draw:
    """A drawn network, its layers and its right table."""

    network: Network
    stages: list[Stage] = field(default_factory=list)


class Planted(NamedTuple):
    """A table with one wrong cell: where it is, and its numbers, channels first."""

    draw: Draw
    rows: Rows
    layer: str
    column: str
    wrong: tuple[int, ...] = ()


def _slid(length: int, stage: Stage) -> Fraction:
    """The lecture's formula before rounding, "same" apart."""
    padded = length - stage.kernel + 2 * stage.padding
    return Fraction(padded, stage.stride) + 1


def _size(length: int, stage: Stage) -> int:
    if stage.same:
        return ceil(Fraction(length, stage.stride))
    return floor(_slid(length, stage))


def drawn(chance: random.Random) -> Draw:
    """A network of one to three blocks and one to three fully connected layers."""
    shape: tuple[int, ...] = (chance.choice((1, 3, 3, 4)), *_sides(chance))
    stages: list[Stage] = []
    layers: list[Layer] = []
    input = shape
    before = shape
    for number in range(1, chance.randint(1, 3) + 1):
        conv = _convolution(chance, number, shape)
        if min(conv.output[1:]) < 6:
            break
        stages.append(conv)
        padding = "same" if conv.same else conv.padding
        filters, kernel = conv.output[0], conv.kernel
        layers += [
            Conv2d(filters, kernel, conv.stride, padding, bias=conv.bias),
            ReLU(),
        ]
        shape = before = conv.output
        pool = _pooling(chance, number, shape)
        stages.append(pool)
        layers.append(MaxPool2d(pool.kernel, pool.stride))
        shape = pool.output
    if not stages:
        return drawn(chance)
    _finish(chance, stages, layers, shape, before)
    return Draw(Network("drawn", input, layers), stages)


def _sides(chance: random.Random) -> tuple[int, int]:
    side = chance.randint(24, 96)
    return side, side if chance.random() < 0.8 else chance.randint(24, 96)


def _convolution(chance: random.Random, number: int, shape: tuple[int, ...]) -> Stage:
    kernel = chance.choice((1, 3, 3, 5, 5, 7))
    stage = Stage(
        f"conv{number}",
        "conv",
        shape,
        kernel=kernel,
        stride=chance.choice((1, 1, 2, 3)),
        padding=chance.choice((0, 1, 2, kernel // 2)),
        same=chance.random() < 0.2,
        bias=chance.random() < 0.9,
    )
    filters = chance.choice((4, 6, 8, 16, 20, 32))
    stage.output = (filters, *(_size(n, stage) for n in shape[1:]))
    weights = kernel * kernel * shape[0] * filters
    stage.parameters = weights + filters * stage.bias
    return stage


def _pooling(chance: random.Random, number: int, shape: tuple[int, ...]) -> Stage:
    kernel = chance.choice((2, 2, 3))
    stage = Stage(f"maxpool{number}", "pool", shape, kernel=kernel, stride=2)
    stage.output = (shape[0], *(_size(n, stage) for n in shape[1:]))
    return stage


def _finish(
    chance: random.Random,
    stages: list[Stage],
    layers: list[Layer],
    shape: tuple[int, ...],
    before: tuple[int, ...],
) -> None:
    length = prod(shape)
    flat = Stage("flatten1", "flatten", shape, (length,), before_pooling=before)
    stages.append(flat)
    layers.append(Flatten())
    inputs = (length,)
    for number in range(1, chance.randint(1, 3) + 1):
        count = chance.choice((10, 15, 84, 120, 30))
        dense = Stage(f"linear{number}", "linear", inputs, (count,))
        dense.parameters = (inputs[0] + 1) * count
        dense.before_pooling = before if number == 1 else ()
        stages.append(dense)
        layers.append(Linear(count))
        inputs = (count,)


def correct(draw: Draw, chance: random.Random) -> Rows:
    """The right table, written in one of the ways that people write."""
    style = chance.randrange(6)
    rows = [("input", written(draw.network.input, style), "0")]
    for stage in draw.stages:
        count = number_text(stage.parameters, chance.randrange(5))
        rows.append((stage.name, written(stage.output, style, stage), count))
    total = sum(stage.parameters for stage in draw.stages)
    return [*rows, ("total", "", number_text(total, chance.randrange(5)))]


def written(
    shape: Sequence[int | Fraction], style: int = 0, stage: Stage | None = None
) -> str:
    """A shape in one of the usual ways of writing, one of them its formula."""
    order = list(map(_plain, [*shape[1:], shape[0]] if len(shape) == 3 else shape))
    if style == 1:
        order = list(map(_plain, shape))
    if style == 2:
        return f"({', '.join(order)})"
    if style == 3:
        return " × ".join(order)
    if style == 4 and len(shape) == 3 and shape[1] == shape[2]:
        return _plain(shape[1])
    if style == 5 and stage is not None and stage.kind in ("conv", "pool"):
        sums = [_formula(n, stage) for n in stage.input[1:]]
        if not stage.same and shape[1] == _slid(stage.input[1], stage):
            return f"{sums[0]}x{sums[1]}x{shape[0]}".replace("x(", " x (")
    return "x".join(order)


def _formula(length: int, stage: Stage) -> str:
    padded = f"({length}-{stage.kernel}+2*{stage.padding})"
    return f"floor({padded}/{stage.stride}+1)"


def number_text(count: int, style: int = 0) -> str:
    """A count as people write it: with the separators of both languages, or none."""
    separator = ("", ",", ".", " ", "\u00a0")[style]
    return f"{count:,}".replace(",", separator)


def _plain(value: int | Fraction) -> str:
    return f"{float(value):g}" if value != int(value) else str(int(value))


Wrong = Callable[[Stage, random.Random], "tuple[str, Sequence[int | Fraction]] | None"]


def _sized(stage: Stage, along: Callable[[int], int | Fraction]) -> Sequence[Fraction]:
    return [Fraction(stage.output[0]), *(Fraction(along(n)) for n in stage.input[1:])]


def _channels_forgotten(
    stage: Stage, chance: random.Random
) -> tuple[str, list[int]] | None:
    if stage.kind != "conv":
        return None
    area, filters = stage.kernel**2, stage.output[0]
    return "parameters", [area * filters + filters * stage.bias]


def _bias_once(stage: Stage, chance: random.Random) -> tuple[str, list[int]] | None:
    if not stage.parameters or not stage.bias:
        return None
    return "parameters", [stage.parameters - stage.output[0] + 1]


def _bias_forgotten(
    stage: Stage, chance: random.Random
) -> tuple[str, list[int]] | None:
    if not stage.parameters or not stage.bias:
        return None
    return "parameters", [stage.parameters - stage.output[0]]


def _padding_once(
    stage: Stage, chance: random.Random
) -> tuple[str, Sequence[Fraction]] | None:
    if stage.kind != "conv" or stage.same or not stage.padding:
        return None
    f, p, s = stage.kernel, stage.padding, stage.stride
    return "size", _sized(stage, lambda n: (n - f + p) // s + 1)


def _padding_forgotten(
    stage: Stage, chance: random.Random
) -> tuple[str, Sequence[Fraction]] | None:
    if stage.kind != "conv" or stage.same or not stage.padding:
        return None
    return "size", _sized(stage, lambda n: (n - stage.kernel) // stage.stride + 1)


def _floor_missed(
    stage: Stage, chance: random.Random
) -> tuple[str, Sequence[Fraction]] | None:
    if stage.kind not in ("conv", "pool") or stage.same:
        return None
    if chance.random() < 0.5:
        return "size", _sized(stage, lambda n: _slid(n, stage))
    return "size", _sized(stage, lambda n: ceil(_slid(n, stage)))


def _same_misread(
    stage: Stage, chance: random.Random
) -> tuple[str, Sequence[Fraction]] | None:
    if not stage.same:
        return None
    f, s = stage.kernel, stage.stride
    ways: list[Callable[[int], int]] = [
        lambda n: (n - f + 2) // s + 1,
        lambda n: (n - f) // s + 1,
        lambda n: n,
        lambda n: n // s,
    ]
    return "size", _sized(stage, chance.choice(ways))


def _stride_on_filter(
    stage: Stage, chance: random.Random
) -> tuple[str, Sequence[Fraction]] | None:
    if stage.kind not in ("conv", "pool") or stage.same or stage.stride == 1:
        return None
    f, p, s = stage.kernel, stage.padding, stage.stride
    exact = _sized(stage, lambda n: n + 2 * p - Fraction(f, s) + 1)
    rounded = chance.random() < 0.5
    return "size", [Fraction(floor(v)) for v in exact] if rounded else exact


def _flatten_order(stage: Stage, chance: random.Random) -> tuple[str, list[int]] | None:
    early = prod(stage.before_pooling)
    if stage.kind == "linear" and stage.before_pooling:
        return "parameters", [(early + 1) * stage.output[0]]
    if stage.kind != "flatten":
        return None
    c, h, w = stage.input
    return "size", chance.choice(([early], [h * w], [w * c], [c, h, w]))


def _pooled_parameters(
    stage: Stage, chance: random.Random
) -> tuple[str, list[int]] | None:
    if stage.kind != "pool":
        return None
    area, c = stage.kernel**2, stage.input[0]
    return "parameters", [chance.choice((2 * c, area, area * c, (area + 1) * c, 17))]


def _kernel_not_squared(
    stage: Stage, chance: random.Random
) -> tuple[str, list[int]] | None:
    if stage.kind != "conv":
        return None
    filters = stage.output[0]
    inside = stage.kernel * stage.input[0] + stage.bias
    return "parameters", [inside * filters]


def _batch_counted(stage: Stage, chance: random.Random) -> tuple[str, list[int]] | None:
    batch = chance.choice(_BATCHES)
    if stage.parameters and chance.random() < 0.3:
        return "parameters", [batch * stage.parameters]
    return "size", [batch, *stage.output]


KINDS: dict[str, Wrong] = {
    "channels-forgotten": _channels_forgotten,
    "bias-once": _bias_once,
    "bias-forgotten": _bias_forgotten,
    "padding-once": _padding_once,
    "padding-forgotten": _padding_forgotten,
    "floor-missed": _floor_missed,
    "same-misread": _same_misread,
    "stride-on-filter": _stride_on_filter,
    "flatten-order": _flatten_order,
    "pooling-has-parameters": _pooled_parameters,
    "kernel-not-squared": _kernel_not_squared,
    "batch-counted": _batch_counted,
}
"""What a person with each misunderstanding writes; None where it has no place."""


def planted(kind: str, seed: int) -> Iterator[Planted]:
    """Tables without end, each with one mistake of the kind, drawn from the seed."""
    chance = random.Random(f"{kind} {seed}")
    while True:
        draw = drawn(chance)
        stages = draw.stages[:]
        chance.shuffle(stages)
        for stage in stages:
            found = KINDS[kind](stage, chance)
            if found is not None and _differs(stage, *found):
                yield _with(draw, stage, *found)
                break


def carried(plant: Planted) -> Rows:
    """The table of somebody who goes on from the planted size with right arithmetic.

    Empty where nothing can be computed from it.
    """
    rows, shape = list(plant.rows), plant.wrong
    names = [stage.name for stage in plant.draw.stages]
    for place in range(names.index(plant.layer) + 1, len(rows)):
        stage = plant.draw.stages[place]
        if stage.kind == "flatten":
            output: tuple[int, ...] = (prod(shape),)
        elif stage.kind == "linear":
            output = stage.output
        else:
            output = (stage.output[0], *(_size(n, stage) for n in shape[1:]))
        if min(output) < 1:
            return []
        count = stage.parameters
        if stage.kind == "linear":
            count = (shape[0] + 1) * output[0]
        rows[place] = (stage.name, written(output), str(count))
        shape = output
    return rows


def _differs(stage: Stage, column: str, value: Sequence[int | Fraction]) -> bool:
    true = stage.output if column == "size" else (stage.parameters,)
    return tuple(value) != tuple(true)


def _with(
    draw: Draw, stage: Stage, column: str, value: Sequence[int | Fraction]
) -> Planted:
    rows: Rows = [(s.name, written(s.output), str(s.parameters)) for s in draw.stages]
    place = draw.stages.index(stage)
    text = written(value) if column == "size" else _plain(value[0])
    if len(value) == 4:
        text = "x".join(map(_plain, [value[0], *value[2:], value[1]]))
    name, size, parameters = rows[place]
    cell = (name, text, parameters) if column == "size" else (name, size, text)
    rows[place] = cell
    wrong = tuple(map(int, value))
    return Planted(draw, rows, stage.name, column, wrong)
