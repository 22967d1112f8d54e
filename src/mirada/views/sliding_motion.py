"""The style sheet that lets a window slide: no script, still for reduced motion.

Elements carry the classes `<key>-in` (windows on the image), `<key>-out` (cells of the
output), `<key>-n-<row>-<column>` (numbers of the output, which appear when they are
reached) and `<key>-sum-<place>` (the sum of one window, there while it is shown).
"""

from collections.abc import Iterator

import numpy as np

__all__ = ["motion_style"]

_SECONDS = 1.4
"""How long each window is shown."""


def motion_style(
    key: str, counts: tuple[int, int], steps: tuple[float, float], cell: float
) -> str:
    """The rules for `counts` windows, down and across.

    The window moves `steps` pixels down and across from one to the next, the cell of
    the output `cell` pixels.

    >>> "infinite" in motion_style("k", (1, 2), (30.0, 30.0), 30.0)
    True
    """
    places = [*np.ndindex(*counts)]
    running = f"{len(places) * _SECONDS:.1f}s step-end infinite"
    moved_in = [(row * steps[0], column * steps[1]) for row, column in places]
    moved_out = [(row * cell, column * cell) for row, column in places]
    return "\n".join(
        [
            f".{key}-sum{{visibility:hidden}}",
            f".{key}-sum-0{{visibility:visible}}",
            "@media (prefers-reduced-motion:no-preference){",
            f".{key}-in{{animation:{key}-in {running}}}",
            f".{key}-out{{animation:{key}-out {running}}}",
            *(
                rule
                for place, (row, column) in enumerate(places)
                for rule in (
                    f".{key}-n-{row}-{column}{{animation:{key}-n-{place} {running}}}",
                    f".{key}-sum-{place}{{animation:{key}-sum-{place} {running}}}",
                )
            ),
            "}",
            _moving(f"{key}-in", moved_in),
            _moving(f"{key}-out", moved_out),
            *_appearing(key, len(places)),
        ]
    )


def _moving(name: str, ways: list[tuple[float, float]]) -> str:
    """Keyframes that stand at each place for the same time; a way is (down, across)."""
    frames = (
        f"{100 * place / len(ways):.3f}%{{transform:translate({x:.2f}px,{y:.2f}px)}}"
        for place, (y, x) in enumerate(ways)
    )
    return f"@keyframes {name}{{{''.join(frames)}}}"


def _appearing(key: str, count: int) -> Iterator[str]:
    """Keyframes of each number, which stays, and of each sum, which goes again."""
    for place in range(count):
        start, end = (f"{100 * at / count:.3f}%" for at in (place, place + 1))
        before = "0%{opacity:0}" if place else ""
        yield f"@keyframes {key}-n-{place}{{{before}{start}{{opacity:1}}}}"
        before = "0%{visibility:hidden}" if place else ""
        after = f"{end}{{visibility:hidden}}" if place + 1 < count else ""
        shown = f"{before}{start}{{visibility:visible}}{after}"
        yield f"@keyframes {key}-sum-{place}{{{shown}}}"
