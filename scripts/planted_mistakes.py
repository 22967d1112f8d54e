"""Plants one mistake a table, has the tables checked, and counts what is named.

    python -m scripts.planted_mistakes --tables 1000

For every kind: how often it is named at all, how often it is named first, and in how
many tables something was accused that was not planted. Then right tables, in the ways
that people write numbers, in which nothing may be wrong. The exit status is 7 where a
kind is named in less than 95 per cent, or anything is accused wrongly. The short form
runs with the tests.
"""

import argparse
import random
import sys
from itertools import islice
from typing import NamedTuple

from mirada.analysis.checking import check
from tests.analysis.checking.planted import KINDS, correct, drawn, planted

__all__ = ["LEAST", "Named", "accused", "main", "named"]

LEAST = 0.95
"""The share of planted mistakes that has to be named."""


class Named(NamedTuple):
    """Of so many tables: named, named first, wrongly accused."""

    tables: int
    named: int
    first: int
    accused: int


def named(kind: str, tables: int, seed: int = 0) -> Named:
    """What comes of tables with one mistake of the kind."""
    counts = [0, 0, 0]
    for plant in islice(planted(kind, seed), tables):
        found = check(plant.draw.network, plant.rows)
        for cell in found.cells:
            if (cell.layer, cell.column) == (plant.layer, plant.column):
                counts[0] += kind in cell.mistakes
                counts[1] += cell.mistake == kind
                is_wrong = cell.ok or (cell.slips and kind not in cell.mistakes)
                counts[2] += bool(is_wrong)
            else:
                counts[2] += not cell.ok
    return Named(tables, *counts)


def accused(tables: int, seed: int = 0) -> int:
    """In how many right tables something is called wrong."""
    chance = random.Random(seed)
    wrong = 0
    for _ in range(tables):
        draw = drawn(chance)
        wrong += bool(check(draw.network, correct(draw, chance)).wrong)
    return wrong


def main() -> None:
    """Prints the counts; ends with 7 where a bound was broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    is_broken = False
    print(f"{'planted':24} {'named':>8} {'first':>8} {'wrongly accused':>16}")
    for kind in KINDS:
        found = named(kind, given.tables, given.seed)
        is_broken |= found.named < LEAST * found.tables or found.accused > 0
        shares = [f"{100 * n / found.tables:.1f} %" for n in found[1:3]]
        print(f"{kind:24} {shares[0]:>8} {shares[1]:>8} {found.accused:>16}")
    wrong = accused(given.tables, given.seed)
    print(f"{'nothing':24} {'':8} {'':8} {wrong:>16}")
    if is_broken or wrong:
        sys.exit(7)


if __name__ == "__main__":
    main()
