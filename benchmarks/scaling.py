"""How speed follows the batch and the size of the image.

    python benchmarks/scaling.py [--json] [--svg docs/images/scaling.svg]

Images a second of LeNet-5 and of the CIFAR network: over the batch, training and
predicting; over the side of the image, at a fixed batch.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.plot import Panel, plot
from benchmarks.race import Row, report
from benchmarks.tournament import arguments, choose, play
from benchmarks.works import Bout
from mirada.views import write

__all__ = ["BOUTS", "panels"]

_BATCHES = (1, 4, 16, 64, 256, 1024)
_SIDES = (16, 32, 64, 128)
_AT = 16
BOUTS = [
    *(Bout("lenet5", "train", batch) for batch in _BATCHES),
    *(Bout("lenet5", "predict", batch) for batch in _BATCHES),
    *(Bout(f"cifar@{side}", "train", _AT) for side in _SIDES),
    *(Bout(f"cifar@{side}", "predict", _AT) for side in _SIDES),
]


def panels(rows: Sequence[Row]) -> list[Panel]:
    """One panel for each network and mode; ours first, peers of a family by its best.

    Over the batch: images a second. Over the side: the same, at one batch.
    """
    found: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for row in rows:
        name, _, side = row.work.partition("@")
        lines = found.setdefault((name, row.mode), {})
        times = {"mirada": row.ours, **row.peers}
        best: dict[str, float] = {}
        for peer, taken in times.items():
            if taken is not None:
                speed = 1e3 * row.batch / taken.median_ms
                family = _family(peer)
                best[family] = max(best.get(family, 0.0), speed)
        for family, speed in best.items():
            at = float(side or row.batch)
            lines.setdefault(family, []).append((at, speed))
    return [
        Panel(
            f"{name}, {mode}" + f", batch {_AT}" * ("@" in _works(rows, name, mode)),
            "side of the image" if "@" in _works(rows, name, mode) else "batch",
            "images a second",
            lines,
        )
        for (name, mode), lines in found.items()
        if lines
    ]


def _works(rows: Sequence[Row], name: str, mode: str) -> str:
    return next(
        row.work
        for row in rows
        if row.mode == mode and row.work.partition("@")[0] == name
    )


def _family(peer: str) -> str:
    """The package a peer belongs to: its name up to what tells its variants apart."""
    for family in ("pytorch", "onnxruntime", "openvino", "tensorflow"):
        if peer.startswith(family):
            return family
    return peer


def main() -> None:
    """Races, prints the rows, and draws them where --svg says."""
    parser = arguments(__doc__)
    parser.add_argument("--svg", type=Path, help="where the picture is written")
    given = parser.parse_args()
    rows, missing = play(choose(BOUTS, given), given)
    if given.svg:
        title = "Speed by batch and by size of the image"
        drawn = write(plot("scaling", title, panels(rows)))
        given.svg.write_text(drawn + "\n", "utf-8")
    peak = round(rows[0].peak_gflops, 1) if rows else 0.0
    report(rows, given.json, missing=missing, peak_gflops=peak, threads=given.threads)


if __name__ == "__main__":
    main()
