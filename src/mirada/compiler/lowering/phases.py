"""Phases of an enlarging: written out one by one where they are few, else in loops.

A stride of 64 both ways has 4096 phases. Those that have as many positions and taps
are one loop then, whose turns look up where they begin.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mirada.compiler.expression import load
from mirada.compiler.ir import Buffer, Convert, Expr, For, Get, Let, Register, Stmt
from mirada.compiler.lowering.sweep import Sweep

__all__ = ["MOST", "Phases", "phases"]

MOST = 16
"""Phases, down times across, that are written out."""

Table = tuple[Buffer, tuple[float, ...]]


@dataclass(frozen=True)
class Phases:
    """Sweeps alike but for where they begin; `sweep` stands for each in its turn."""

    axis: str
    turns: int
    sweep: Sweep
    before: tuple[Stmt, ...] = ()
    tables: tuple[Table, ...] = ()

    def around(self, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        """The body for every phase."""
        if not self.before:
            return body
        return (For(f"{self.axis}.phase", self.turns, (*self.before, *body)),)


def phases(
    rows: tuple[Sweep, ...], columns: tuple[Sweep, ...]
) -> tuple[tuple[Phases, ...], tuple[Phases, ...]]:
    """The sweeps down and across, those that are alike together if they are many."""
    make = _alone if len(rows) * len(columns) <= MOST else _together
    return make("down", rows), make("across", columns)


def _alone(axis: str, sweeps: tuple[Sweep, ...]) -> tuple[Phases, ...]:
    return tuple(Phases(axis, 1, sweep) for sweep in sweeps)


def _together(axis: str, sweeps: tuple[Sweep, ...]) -> tuple[Phases, ...]:
    alike: dict[Sweep, list[Sweep]] = {}
    for sweep in sweeps:
        alike.setdefault(replace(sweep, first=0, kernel=0, at=0), []).append(sweep)
    return tuple(
        _looped(axis, number, group) for number, group in enumerate(alike.values())
    )


def _looped(axis: str, number: int, group: list[Sweep]) -> Phases:
    if len(group) == 1:
        return Phases(axis, 1, group[0])
    tables: list[Table] = []
    before: list[Stmt] = []

    def looked_up(name: str, of: Callable[[Sweep], int | Expr]) -> Expr:
        values = tuple(value for value in map(of, group) if isinstance(value, int))
        known = Buffer(
            f"{axis}.{name}{number}", (len(group),), "i32", 0, min(values), max(values)
        )
        register = Register(f"{axis}.{name}", "i64")
        tables.append((known, values))
        before.append(Let(register, Convert(load(known, f"{axis}.phase"), "i64")))
        return Get(register)

    sweep = replace(
        group[0],
        first=looked_up("first", lambda sweep: sweep.first),
        kernel=looked_up("kernel", lambda sweep: sweep.kernel),
        at=looked_up("at", lambda sweep: sweep.at),
    )
    return Phases(axis, len(group), sweep, tuple(before), tuple(tables))
