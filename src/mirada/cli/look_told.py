"""How a look at a whole run is told, to a person and to a program."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mirada.cli.output import show
from mirada.inspection import Estimate
from mirada.inspection.calibration import Bin
from mirada.language import translate
from mirada.tasks.findings import Findings, summary

__all__ = ["plain", "tell"]

SCHEMA = 1
_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "images": 0,
        "accuracy": None,
        "per_class": (),
        "calibration": None,
        "confused": (),
        "wrong_labels": (),
        "mistakes": (),
    }
)


def tell(found: Findings | None, page: Path) -> None:
    """Prints what was found in a few sentences, and where the page is."""
    if found is None:
        show(translate("No image is left to judge the network by: see --data."))
    else:
        for sentence in summary(found):
            show(sentence)
    show()
    show(f"{translate('Look at it:')}  {shlex.quote(str(page))}")


def plain(found: Findings | None, written: Sequence[Path]) -> dict[str, Any]:
    """The object that scripts rely on."""
    names = [str(path) for path in written]
    return {
        "schema": SCHEMA,
        "report": names[-1],
        **(_NOTHING if found is None else _found(found)),
        "written": names,
    }


def _found(found: Findings) -> dict[str, Any]:
    return {
        "images": found.evaluation.count,
        "accuracy": found.accuracy._asdict(),
        "per_class": [
            {
                "name": score.name,
                "count": score.count,
                "precision": _estimate(score.precision),
                "recall": _estimate(score.recall),
                "f1": _estimate(score.f1),
            }
            for score in found.scores
        ],
        "calibration": _calibration(found),
        "confused": [
            {
                "true": found.class_name(pair.true),
                "predicted": found.class_name(pair.predicted),
                "count": pair.count,
            }
            for pair in found.confused
        ],
        "wrong_labels": [
            {
                "file": found.data.names[found.sample(item)],
                "given": found.class_name(item.given),
                "suggested": found.class_name(item.suggested),
                "probability": round(item.probability, 6),
            }
            for item in found.labels.suggestions
        ],
        "mistakes": [vars(item) for item in found.evaluation.mistakes],
    }


def _calibration(found: Findings) -> dict[str, Any]:
    told = found.calibration
    return {
        "ece": told.ece,
        "mce": told.mce,
        "chance": told.chance,
        "brier": told.brier,
        "confidence": told.confidence,
        "verdict": told.verdict,
        "temperature": found.temperature,
        "bins": [_bin(item) for item in told.bins],
    }


def _bin(item: Bin) -> dict[str, Any]:
    return {**vars(item), "accuracy": _estimate(item.accuracy)}


def _estimate(measured: Estimate | None) -> dict[str, float] | None:
    return None if measured is None else measured._asdict()
