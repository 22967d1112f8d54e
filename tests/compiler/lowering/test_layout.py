"""The border around images, and gradients that are added to what is there."""

import numpy as np
import pytest

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, dropout, layout, linear
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules.channels import channels
from tests.compiler.lowering.everywhere import drawn, framed, laid, pixels_of, ran
from tests.tolerance import assert_within, gamma

SHAPE = (2, 5, 3, 2)


@pytest.mark.parametrize("fill", [0.0, -np.inf])
@pytest.mark.parametrize(
    "sides",
    [(1, 1, 1, 1), (2, 0, 0, 3), (0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 9, 0)],
)
def test_the_border_of_every_image(
    sides: tuple[int, int, int, int], fill: float
) -> None:
    image, values = framed("x", SHAPE, sides, 16), drawn(1, *SHAPE)
    before = laid(image, values)
    found = ran(
        lambda t: channels(layout.border("b", image, fill), 64, t),
        {"x": before},
        count=1,
    )["x"]
    one = found.size // 2 - 8
    expected = laid(image, values, fill)
    assert (found[:one] == expected[:one]).all()
    assert (found[one:] == before[one:]).all(), "the second image is not there"


def added(kernel_of: object, more: bool, extra: dict[str, np.ndarray]) -> np.ndarray:
    """What a kernel from dy to dx leaves in dx, beside what was there."""
    dy, dx = framed("dy", SHAPE, (0, 1, 1, 0)), framed("dx", SHAPE, (1, 0, 1, 0))
    first = drawn(3, *SHAPE) if more else np.nan
    arrays = {"dy": laid(dy, drawn(2, *SHAPE)), "dx": laid(dx, first), **extra}

    def made(target: object) -> Kernel:
        return channels(kernel_of(dy, dx), 5, target)  # type: ignore[operator, arg-type]

    return pixels_of(dx, ran(made, arrays, count=2)["dx"])


@pytest.mark.parametrize("more", [False, True])
def test_the_gradient_of_relu(more: bool) -> None:
    y, value = framed("y", SHAPE), drawn(4, *SHAPE)

    def kernel(dy: Image, dx: Image) -> Kernel:
        return activation.relu_backward("r", y, dy, dx, add=more)

    found = added(kernel, more, {"y": laid(y, value)})
    exact = np.where(value > 0, drawn(2, *SHAPE), np.float32(0))
    assert (found == (drawn(3, *SHAPE) + exact if more else exact)).all()


@pytest.mark.parametrize("more", [False, True])
def test_the_gradient_of_dropout(more: bool) -> None:
    kept = Buffer("kept", (2, 3, 2, 5), "u8")
    mask = np.arange(60, dtype=np.uint8) % 3 % 2

    def kernel(dy: Image, dx: Image) -> Kernel:
        return dropout.backward("d", 0.5, kept, dy, dx, add=more)

    found = added(kernel, more, {"kept": mask})
    exact = np.moveaxis(mask.reshape(2, 3, 2, 5), 3, 1) * 2 * drawn(2, *SHAPE)
    assert (found == (drawn(3, *SHAPE) + exact if more else exact)).all()


@pytest.mark.parametrize("more", [False, True])
def test_the_gradient_of_a_linear_layer(more: bool) -> None:
    dy, dx = framed("dy", (2, 3, 1, 1)), framed("dx", (2, 19, 1, 1))
    g, w, first = drawn(1, 2, 3), drawn(2, 3, 19), drawn(3, 2, 19)
    start = first if more else np.full((2, 19), np.nan, np.float32)
    found = ran(
        lambda t: channels(
            linear.input_gradient("l", dy, Buffer("w", (3, 19)), dx, add=more), 19, t
        ),
        {"dy": g.ravel(), "w": w.ravel(), "dx": start.ravel()},
    )["dx"]
    sizes = np.abs(g) @ np.abs(w) + (np.abs(first) if more else 0)
    exact = g.astype(np.float64) @ w + (first if more else 0)
    assert_within(found.reshape(2, 19), exact, gamma(4, np.float32) * sizes)
