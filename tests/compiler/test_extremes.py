"""The strangest networks that may be described become code of a bounded length."""

import pytest

from mirada.compiler.driver import emit
from mirada.compiler.ir import Kernel
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.plan import plan
from mirada.compiler.sharing import shared
from mirada.compiler.target import host
from mirada.network import (
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    Recipe,
    ReLU,
    Softmax,
    Upsample,
    join,
    named,
)

STATEMENTS = 6000
"""Of one kernel; the largest of usual networks has about as many."""
NUMBERS = 70_000
"""Of one kernel's tables."""
CHARACTERS = 4_000_000
"""Of a program, as LLVM's text."""


def extreme(shape: tuple[int, ...], *layers: Layer | Node) -> Network:
    """The layers behind a first convolution, and scores."""
    end = (GlobalAvgPool2d(), Flatten(), Linear(3))
    return Network("extreme", shape, (named(Conv2d(8, 1), "stem"), *layers, *end))


BRANCHES = tuple(named(Conv2d(8, 1), f"branch{place}") for place in range(49))
EVERY = tuple(node.name for node in BRANCHES[:-1])

CASES = {
    "kernel": extreme((3, 300, 300), Conv2d(8, 255)),
    "dilated": extreme((3, 64, 64), Conv2d(8, 31, dilation=3, padding=50)),
    "dilated-far": extreme((3, 99, 99), Conv2d(8, 5, dilation=64, padding=200)),
    "pooled-at-once": extreme(
        (3, 64, 64), Conv2d(8, 255, padding=127), ReLU(), MaxPool2d(4)
    ),
    "many-channels": extreme((3, 9, 9), Conv2d(4096, 3), ReLU(), MaxPool2d(4)),
    "stride": extreme((3, 512, 512), Conv2d(8, 255, stride=64), BatchNorm2d()),
    "stride-groups": extreme((3, 256, 256), Conv2d(8, 65, stride=64, groups=2)),
    "stride-depthwise": extreme((3, 256, 256), Conv2d(8, 65, stride=64, groups=8)),
    "transposed": extreme((3, 9, 9), ConvTranspose2d(8, 255, 64, padding=10)),
    "transposed-small": extreme((3, 9, 9), ConvTranspose2d(8, 3, 64)),
    "mean": extreme((3, 4096, 4096), AvgPool2d(2, 1)),
    "mean-large": extreme((3, 512, 512), AvgPool2d(255, 3, padding=127, ceil=True)),
    "largest": extreme((3, 256, 256), MaxPool2d(63, 1)),
    "enlarged": extreme((3, 32, 32), Upsample(64, "bilinear")),
    "padded": extreme((3, 1, 1), Conv2d(8, 3, padding=300)),
    "wide": Network("wide", (9,), (Linear(1_048_576),)),
    "classes": Network("classes", (9,), (Linear(65536), Softmax())),
    "sums": extreme((3, 8, 8), *BRANCHES, join(Add(), *EVERY)),
    "products": extreme((3, 8, 8), *BRANCHES, join(Multiply(), *EVERY)),
    "joined": extreme((3, 8, 8), *BRANCHES, join(Concat(), *EVERY)),
    "deep": extreme((3, 8, 8), *(Conv2d(8, 3, padding=1), ReLU()) * 250),
}


def length(kernel: Kernel) -> int:
    return sum(1 for _ in walk(kernel.body))


@pytest.mark.parametrize("mode", ["train", "predict"])
@pytest.mark.parametrize("name", CASES)
def test_code_is_short(name: str, mode: str) -> None:
    program = plan(CASES[name], Recipe(batch_size=4), mode, 4, host())
    made = {call.name: call.make() for call in program.calls}
    for kernel in {id(one): one for one in shared(made).values()}.values():
        assert length(kernel) <= STATEMENTS, kernel.name
        assert sum(len(values) for _, values in kernel.tables) <= NUMBERS, kernel.name
    text, _ = emit(program, host())
    assert len(text) <= CHARACTERS
