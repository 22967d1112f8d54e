"""Every family of kernels as text: as plain loops, and as a schedule leaves them.

The plain loops are read to see what is computed, the others to see how. Both are
those of a processor with four lanes, on which every shape here has remainders.
"""

from pathlib import Path

import pytest

from mirada.compiler.printer import kernel_text
from mirada.compiler.verify import verify
from tests.compiler.programs import CASES, SMALL, kernels, unscheduled
from tests.golden import golden

GOLDEN = Path(__file__).parent / "golden"

FAMILIES = {
    "convolution": ("block", "gradients", "conv1"),
    "convolution-without-relu": ("pooled", "gradients", "conv1"),
    "convolution-dilated": ("dilated", "gradients", "conv1"),
    "pooling-max": ("max", "gradients", "maxpool1"),
    "pooling-average": ("average", "gradients", "avgpool1"),
    "linear": ("dense", "gradients", "linear1"),
    "activation-relu": ("average", "gradients", "relu1"),
    "activation-softmax": ("dense", "predict", "softmax1"),
    "dropout": ("dense", "train", "dropout1"),
    "loss-cross-entropy": ("dense", "train", "loss"),
    "loss-mean-squared-error": ("dilated", "train", "loss"),
    "loss-cross-entropy-mixed": ("dense", "mixed train", "loss"),
    "loss-mean-squared-error-mixed": ("dilated", "mixed train", "loss"),
    "optimizer-sgd": ("block", "train", "update"),
    "optimizer-sgd-plain": ("dilated", "train", "update"),
    "optimizer-sgd-nesterov": ("flat", "train", "update"),
    "optimizer-adamw": ("dense", "train", "update"),
    "layout": ("flat", "gradients", "enter", "leave", "scores", "slopes", "clear"),
    "layout-one-channel": ("pooled", "predict", "enter", "leave"),
    "layout-gather": ("block", "gradients", "gather"),
}
"""The case, the program and the names of its kernels that show each family."""


@pytest.mark.parametrize("family", FAMILIES)
def test_plain_loops(family: str) -> None:
    with unscheduled():
        text = shown(family)
    golden(GOLDEN / f"{family}.plain.txt", text)


@pytest.mark.parametrize("family", FAMILIES)
def test_scheduled_loops(family: str) -> None:
    golden(GOLDEN / f"{family}.scheduled.txt", shown(family))


def shown(family: str) -> str:
    case, mode, *names = FAMILIES[family]
    found = [
        kernel
        for name, kernel in kernels(CASES[case], mode, SMALL).items()
        if name.startswith(tuple(names))
    ]
    assert found
    for kernel in found:
        verify(kernel)
    return "\n\n".join(map(kernel_text, found)) + "\n"
