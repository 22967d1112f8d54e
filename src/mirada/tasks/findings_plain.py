"""What was found of a network's answers, as the plain values that JSON holds."""

from typing import Any

from mirada.inspection import Estimate
from mirada.inspection.calibration import Bin
from mirada.tasks.findings import Findings

__all__ = ["plain_findings"]


def plain_findings(found: Findings) -> dict[str, Any]:
    """Accuracy, classes, calibration, labels and mistakes by name."""
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
