"""Small networks that together use every kernel, and the kernels they become."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from unittest.mock import patch

from mirada.compiler import schedules
from mirada.compiler.ir import Kernel
from mirada.compiler.plan import plan
from mirada.compiler.target import Target
from mirada.network import (
    GELU,
    SGD,
    AdamW,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    CrossEntropy,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    MeanSquaredError,
    Multiply,
    Network,
    Node,
    Recipe,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
    join,
    named,
)

__all__ = ["CASES", "MODES", "SMALL", "Case", "kernels", "unscheduled"]

MODES = ("predict", "train", "gradients", "inspect")
SMALL = Target("x86_64-unknown-linux-gnu", "x86-64", "", lanes=4, registers=16)
"""A processor for golden files, the same on every machine."""


class Case(NamedTuple):
    """A network with its recipe."""

    network: Network
    recipe: Recipe


def _case(
    shape: tuple[int, ...], *layers: Layer | Node, recipe: Recipe | None = None
) -> Case:
    return Case(Network("case", shape, layers), recipe or Recipe(batch_size=3))


_SMOOTH = CrossEntropy(0.1, (0.5, 1.0, 2.0))

CASES: Mapping[str, Case] = {
    "block": _case(
        (2, 7, 6), Conv2d(5, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(), Linear(3)
    ),
    "pooled": _case((1, 5, 7), Conv2d(3, 2), MaxPool2d((2, 3)), Flatten(), Linear(2)),
    "two": _case(
        (1, 6, 6), Conv2d(2, 3), ReLU(), Conv2d(9, 2, stride=2), Flatten(), Linear(2)
    ),
    "dilated": _case(
        (3, 6, 7),
        Conv2d(6, (2, 3), (2, 1), (1, 0, 2, 1), (1, 2), bias=False),
        ReLU(),
        GlobalAvgPool2d(),
        recipe=Recipe(MeanSquaredError(), SGD(momentum=0.0), batch_size=3),
    ),
    "max": _case((3, 5, 5), MaxPool2d(3, 2, 1, ceil=True), Flatten(), Linear(2)),
    "average": _case(
        (5, 6, 5),
        AvgPool2d(3, 2, 1, ceil=True, count_padding=False),
        ReLU(),
        Flatten(),
        Linear(2, bias=False),
    ),
    "dense": _case(
        (7,),
        Linear(6),
        ReLU(),
        Dropout(0.5),
        Linear(3),
        Softmax(),
        recipe=Recipe(_SMOOTH, AdamW(weight_decay=0.1), batch_size=3),
    ),
    "flat": _case(
        (2, 3, 3),
        Dropout(0.25),
        Conv2d(2, 2),
        Flatten(),
        recipe=Recipe(
            MeanSquaredError(),
            SGD(momentum=0.5, nesterov=True, weight_decay=0.1),
            batch_size=3,
        ),
    ),
    "normal": _case(
        (3, 5, 6),
        *(Conv2d(5, 3, padding=1, bias=False), BatchNorm2d(), named(ReLU(), "stem")),
        *(Conv2d(5, 3, padding=1), BatchNorm2d(), join(Add(), "stem"), ReLU()),
        *(Conv2d(5, 3, padding=1, groups=5), ReLU(), MaxPool2d(2)),
        *(Conv2d(4, 2), MaxPool2d((1, 2)), Dropout(0.25), Flatten()),
        *(Linear(4), ReLU(), Linear(3)),
        recipe=Recipe(
            _SMOOTH,
            AdamW(weight_decay=0.1),
            batch_size=3,
            rates=("*norm2 0", "conv3.weight 0", "linear* 0.5"),
        ),
    ),
    "joined": _case(
        (4, 6, 5),
        *(named(Conv2d(4, 3, padding=1, groups=2), "stem"), LeakyReLU(0.25)),
        *(MaxPool2d(2), ConvTranspose2d(3, 2, 2, groups=1), named(SiLU(), "up")),
        *(join(Concat(crop=True), "stem"), Conv2d(4, 1), join(Add(), "conv2")),
        *(Upsample(2, "bilinear"), AvgPool2d(2), Upsample((1, 2), "nearest")),
        *(GELU(), Softmax(), named(Flatten(), "flat"), Tanh()),
        *(join(Concat(), "flat"), Linear(2), Sigmoid()),
        recipe=Recipe(MeanSquaredError(), batch_size=3),
    ),
    "gated": _case(
        (3, 5, 6),
        *(Conv2d(5, 3), named(ReLU6(), "image"), GlobalAvgPool2d(), Conv2d(5, 1)),
        *(Hardsigmoid(), join(Multiply(), "image"), Hardswish()),
        *(Flatten(), Linear(3)),
        recipe=Recipe(batch_size=3),
    ),
}
"""Every family of kernels, every loss and optimizer, remainders everywhere."""


def kernels(case: Case, mode: str, target: Target) -> dict[str, Kernel]:
    """The kernels of a program, by name, in order; "mixed train" has second labels."""
    mixed, _, own = mode.rpartition(" ")
    given = case.network, case.recipe, own, case.recipe.batch_size, target
    program = plan(*given, mixed=bool(mixed))
    calls = [*program.calls]
    assert len({call.name for call in calls}) == len(calls), "a name stands for two"
    return {call.name: call.make() for call in calls}


@contextmanager
def unscheduled() -> Iterator[None]:
    """Inside, every schedule leaves a kernel as lowering and fusing made it."""
    rooms = (
        "mirada.compiler.assembly",
        "mirada.compiler.plan",
        "mirada.compiler.planner",
    )
    patches = [
        patch.object(module, name, lambda kernel, *sizes: kernel)
        for path, module in sys.modules.items()
        if path.startswith(rooms)
        for name in schedules.__all__
        if hasattr(module, name)
    ]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()
