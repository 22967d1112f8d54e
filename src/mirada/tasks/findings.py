"""What answers for images of known classes say of a network."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset
from mirada.inspection import (
    Calibration,
    Estimate,
    WrongLabels,
    best_temperature,
    calibration,
    class_estimates,
    likely_wrong_labels,
    tempered,
    wilson,
)
from mirada.inspection.intervals import ClassEstimates
from mirada.inspection.wrong_labels import Suggestion
from mirada.language import count_text, translate
from mirada.network import CrossEntropy
from mirada.tasks.held_out import Judges
from mirada.tasks.quantities import percent_text
from mirada.tasks.subject import Images, Subject
from mirada.training import Answers, Evaluation, answer, evaluation_of
from mirada.training.spreadsheet import spreadsheet_csv
from mirada.views import Confusion
from mirada.views.confusion import ConfusedPair, confused_pairs

__all__ = [
    "LABELS",
    "Findings",
    "calibration_text",
    "findings",
    "labels_text",
    "summary",
    "wrong_labels_csv",
]

_MOST_PAIRS, _MOST_PAIRS_TOLD = 10, 4
LABELS = "wrong_labels.csv"
_WEAK = 0.8
"""The accuracy beneath which a network's doubts are mostly its own mistakes."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What answers for images of known classes say of a network.

    Everything follows from `answers`, when it is first asked for.
    """

    data: Dataset
    judges: Judges
    answers: Answers

    @cached_property
    def evaluation(self) -> Evaluation:
        """Confusion and the surest mistakes."""
        return evaluation_of(self.data, self.answers)

    @cached_property
    def accuracy(self) -> Estimate:
        """The share of right answers."""
        found = self.evaluation
        right = sum(row[place] for place, row in enumerate(found.confusion))
        return wilson(right, found.count)

    @cached_property
    def scores(self) -> tuple[ClassEstimates, ...]:
        """Precision, recall and F1 of every class."""
        found = self.evaluation
        return class_estimates(found.classes, np.array(found.confusion))

    @property
    def hardest(self) -> ClassEstimates:
        """The class of which the smallest share was found."""
        met = [score for score in self.scores if score.recall is not None]
        return min(met, key=lambda score: score.recall.value if score.recall else 0.0)

    @cached_property
    def confused(self) -> list[ConfusedPair]:
        """The pairs of classes that were confused most often."""
        found = self.evaluation
        pairs = Confusion(found.classes, found.confusion)
        return confused_pairs(pairs, _MOST_PAIRS)

    @cached_property
    def calibration(self) -> Calibration:
        """How far confidence and accuracy lie apart."""
        return calibration(self.answers.probabilities, self._labels)

    @cached_property
    def temperature(self) -> float | None:
        """What the scores should be divided by, None where nothing is best."""
        return best_temperature(self.answers.probabilities, self._labels)

    @cached_property
    def tempered(self) -> Calibration | None:
        """The calibration at that temperature."""
        if self.temperature is None:
            return None
        warmer = tempered(self.answers.probabilities, self.temperature)
        return calibration(warmer, self._labels)

    @cached_property
    def labels(self) -> WrongLabels:
        """The labels that are likely wrong."""
        return likely_wrong_labels(self.answers.probabilities, self._labels)

    @property
    def _labels(self) -> NDArray[np.int64]:
        return self.data.labels[self.answers.samples]

    def class_name(self, place: int) -> str:
        """The name of a class by its number."""
        return self.data.classes[place]

    def sample(self, suggestion: Suggestion) -> int:
        """The number in the data of the image that a suggestion is about."""
        return int(self.answers.samples[suggestion.place])


def findings(subject: Subject, images: Images) -> Findings:
    """Answers the images that count, of which there is at least one, in one pass."""
    model, (data, found) = subject.model, images
    answers = answer(
        subject.engine,
        data,
        found.samples,
        model.preprocessing,
        CrossEntropy(),
        flips=model.flips,
    )
    return Findings(data, found, answers)


def wrong_labels_csv(found: Findings) -> bytes:
    """The suggestions as CSV, the most doubtful label first; a heading also if none."""
    rows = [
        (
            found.data.names[found.sample(item)],
            found.class_name(item.given),
            found.class_name(item.suggested),
            f"{item.probability:.6f}",
        )
        for item in found.labels.suggestions
    ]
    text = spreadsheet_csv([("file", "given", "suggested", "probability"), *rows])
    return text.encode("utf-8", "backslashreplace")


def summary(found: Findings, labels: str = LABELS) -> list[str]:
    """What was found in a few sentences; `labels` is the file of the wrong labels."""
    pairs = [_pair(found, pair) for pair in found.confused[:_MOST_PAIRS_TOLD]]
    confused = translate("Most often confused: {pairs}.")
    return [
        _accuracy(found),
        _hardest(found),
        *([confused.format(pairs=", ".join(pairs))] if pairs else []),
        calibration_text(found),
        labels_text(found, labels),
    ]


def _accuracy(found: Findings) -> str:
    text = translate(
        "{share} of {count} images are answered rightly (95 % interval: {low} to "
        "{high})."
    )
    count = count_text(found.evaluation.count)
    return text.format(count=count, **_shares(found.accuracy))


def _hardest(found: Findings) -> str:
    worst = found.hardest
    assert worst.recall is not None
    text = translate(
        "Hardest class: {name}, of which {share} are found (95 % interval: {low} to "
        "{high})."
    )
    return text.format(name=worst.name, **_shares(worst.recall))


def _shares(measured: Estimate) -> dict[str, str]:
    share, low, high = map(percent_text, measured)
    return {"share": share, "low": low, "high": high}


def _pair(found: Findings, pair: ConfusedPair) -> str:
    text = translate("{true} taken for {predicted} ({count})")
    return text.format(
        true=found.class_name(pair.true),
        predicted=found.class_name(pair.predicted),
        count=count_text(pair.count),
    )


def calibration_text(found: Findings) -> str:
    """The calibration in one sentence."""
    told = found.calibration
    texts = {
        "fair": translate(
            "The network is as sure as it is right: {confidence} sure on average, "
            "{accuracy} right (calibration error {ece}, of which chance explains "
            "{chance})."
        ),
        "too-sure": translate(
            "The network is too sure of itself: {confidence} sure on average, but "
            "{accuracy} right (calibration error {ece}, of which chance explains "
            "{chance})."
        ),
        "too-unsure": translate(
            "The network is less sure than it could be: {confidence} sure on average, "
            "but {accuracy} right (calibration error {ece}, of which chance explains "
            "{chance})."
        ),
        "uneven": translate(
            "The network is too sure of some answers and not sure enough of others: "
            "{confidence} sure on average, {accuracy} right (calibration error {ece}, "
            "of which chance explains {chance})."
        ),
    }
    return texts[told.verdict].format(
        confidence=percent_text(told.confidence),
        accuracy=percent_text(told.accuracy),
        ece=percent_text(told.ece),
        chance=percent_text(min(told.chance, told.ece)),
    )


def labels_text(found: Findings, file: str = LABELS) -> str:
    """How many labels are likely wrong, in one sentence; it names their file if any."""
    count, total = len(found.labels.suggestions), found.evaluation.count
    if not count:
        text = translate("Likely wrong labels: none of {total}.")
        return text.format(total=count_text(total))
    where = translate(", in {file}").format(file=file) if file else ""
    counts = {"count": count_text(count), "total": count_text(total), "where": where}
    if found.accuracy.value < _WEAK:
        text = translate(
            "Labels the network doubts: {count} of {total}{where}; it is wrong too "
            "often ({share}) for that to say much of them."
        )
        return text.format(share=percent_text(1 - found.accuracy.value), **counts)
    text = translate("Likely wrong labels: {count} of {total}{where}.")
    return text.format(**counts)
