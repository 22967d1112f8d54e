"""What each pixel gathers from the pooling windows that reach it.

Every pixel is written once, and channels can be vectors: no window writes where
another one does.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from mirada.compiler.expression import add, equal, load, mul, number, select
from mirada.compiler.ir import (
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Let,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, loops
from mirada.compiler.lowering.reach import Reach, reaches
from mirada.network.window import Window

__all__ = ["Chosen", "Shared", "Source", "Windows", "gathered", "taps_of"]

Windows = tuple[Window, Window]
"""Down and across."""


@dataclass(frozen=True)
class Source(ABC):
    """What pixels gather from windows."""

    gradient: Image

    @abstractmethod
    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        """Brings a window into registers of its own."""

    @abstractmethod
    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        """The total, and what the window gives to the pixel under this tap."""

    def value(self, slot: int) -> Register:
        """The register of a window's gradient."""
        return Register(f"g{slot}")


@dataclass(frozen=True)
class Chosen(Source):
    """The gradient where the window chose the tap."""

    choice: Buffer
    width: int

    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        image = self.gradient
        g = load(image.buffer, *image.place("m", oy, ox, "oc"))
        chosen = Convert(load(self.choice, "m", oy, ox, "oc"), "i32")
        return Let(self.value(slot), g), Let(self.chosen(slot), chosen)

    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        g, tap = Get(self.value(slot)), Const(taps[0] * self.width + taps[1], "i32")
        here = equal(Get(self.chosen(slot)), tap)
        if total is None:
            return select(here, g, number(0.0))
        return select(here, add(total, g), total)

    def chosen(self, slot: int) -> Register:
        """The register of a window's choice."""
        return Register(f"c{slot}", "i32")


@dataclass(frozen=True)
class Shared(Source):
    """The window's share, the same for each of its pixels."""

    share: Callable[[Expr, Expr], Expr]

    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        image = self.gradient
        g = load(image.buffer, *image.place("m", oy, ox, "oc"))
        return (Let(self.value(slot), mul(g, self.share(oy, ox))),)

    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        g = Get(self.value(slot))
        return g if total is None else add(total, g)


def taps_of(windows: Windows, to: Image) -> int:
    """How many taps gathering has to write out."""
    return prod(
        sum(max(len(p.taps), 1) for reach in reaches(w, length) for p in reach.pixels)
        for w, length in zip(windows, (to.height, to.width), strict=True)
    )


def gathered(
    windows: Windows, to: Image, source: Source, more: bool
) -> tuple[Stmt, ...]:
    """Every pixel, in blocks of rows and columns that are reached alike."""
    bodies: tuple[Stmt, ...] = ()
    for down in reaches(windows[0], to.height):
        inside: tuple[Stmt, ...] = ()
        for across in reaches(windows[1], to.width):
            block = _block(windows, (down, across), to, source, more)
            inside += loops(block, ("ox", across.turns), ("oc", to.channels))
        bodies += loops(inside, ("oy", down.turns))
    return loops(bodies, ("m", Var("count")))


def _block(
    windows: Windows,
    block: tuple[Reach, Reach],
    to: Image,
    source: Source,
    more: bool,
) -> tuple[Stmt, ...]:
    """The pixels of one run of rows and columns; a window is read when first needed."""
    slots: dict[tuple[int, int], int] = {}
    body: list[Stmt] = []
    pixels = [(y, x) for y in block[0].pixels for x in block[1].pixels]
    for turn, (y, x) in enumerate(pixels):
        row, column = _pixel(windows, block, (y.at, x.at))
        place = to.place("m", row, column, "oc")
        before: Expr | None = load(to.buffer, *place) if more else None
        total, value = Register(f"total{turn}"), before
        for ky, dy in y.taps:
            for kx, dx in x.taps:
                if (dy, dx) not in slots:
                    slots[dy, dx] = len(slots)
                    body += source.read(slots[dy, dx], *_window(block, (dy, dx)))
                joined = source.join(slots[dy, dx], (ky, kx), value)
                body.append((Let if value is before else Set)(total, joined))
                value = Get(total)
        if value is None:
            value = number(0.0)
        if value is not before:
            body.append(Store(to.buffer, place, value))
    return tuple(body)


def _window(block: tuple[Reach, Reach], moved: tuple[int, int]) -> tuple[Expr, ...]:
    """The window so many windows from the run's."""
    return tuple(
        add(var, reach.first + by)
        for var, reach, by in zip(("oy", "ox"), block, moved, strict=True)
    )


def _pixel(
    windows: Windows, block: tuple[Reach, Reach], at: tuple[int, int]
) -> tuple[Expr, ...]:
    """The row and column so many pixels from the run's start."""
    return tuple(
        add(mul(var, window.stride), reach.first * window.stride - window.start + place)
        for var, window, reach, place in zip(
            ("oy", "ox"), windows, block, at, strict=True
        )
    )
