"""Channels in vectors, several side by side: the loops that come out of it."""

import pytest

from mirada.compiler.ir import Buffer, For, Kernel
from mirada.compiler.lowering import activation, pooling
from mirada.compiler.lowering.layout import Image, border
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.schedules import channels, windowed
from mirada.compiler.verify import verify
from mirada.network.window import Window
from tests.compiler.lowering.everywhere import drawn, framed, laid, ran
from tests.compiler.programs import SMALL


def loops_of(kernel: Kernel) -> set[str]:
    verify(kernel)
    return {stmt.var for stmt in walk(kernel.body) if isinstance(stmt, For)}


def copied(count: int) -> Kernel:
    x, y = (Image(Buffer(n, (2, 3, 3, count)), count, 3, 3) for n in "xy")
    return activation.copy("copy", x, y)


PIXELS = {"m", "oy", "ox"}


@pytest.mark.parametrize(
    ("count", "inner"),
    [
        (1, {"oc"}),
        (4, set()),
        (7, set()),
        (16, set()),
        (19, set()),
        (32, {"oc.vec.tile"}),
        (47, {"oc.vec.tile"}),
    ],
)
def test_what_is_left_of_the_loop(count: int, inner: set[str]) -> None:
    assert loops_of(channels(copied(count), count, SMALL)) == PIXELS | inner


def test_one_vector_at_a_time() -> None:
    assert loops_of(channels(copied(32), 32, SMALL, 1)) == PIXELS | {"oc.vec"}


def test_a_kernel_without_the_loop_stays() -> None:
    image = framed("x", (2, 5, 3, 3))
    kernel = border("b", image, 0.0)
    assert channels(kernel, 5, SMALL) == kernel


def test_every_channel_once() -> None:
    shape = (1, 47, 1, 2)
    x, y = framed("x", shape), framed("y", shape)
    found = ran(
        lambda t: channels(activation.copy("c", x, y), 47, t),
        {"x": laid(x, drawn(1, *shape)), "y": laid(y, 0.0)},
        count=1,
    )
    assert (found["y"] == found["x"]).all()


@pytest.mark.parametrize(("size", "left"), [(3, set()), (5, {"ky", "kx"})])
def test_small_windows_are_written_out(size: int, left: set[str]) -> None:
    window = Window(size), Window(size)
    x, y = framed("x", (2, 7, 6, 6)), framed("y", (2, 7, 7 - size, 7 - size))
    kernel = pooling.max_forward("p", window, x, y, None)
    found = loops_of(windowed(kernel, 7, size * size, SMALL))
    assert {name.split(".")[0] for name in found} == PIXELS | left
