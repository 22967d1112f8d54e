"""What several runs say together: tables, intervals, figures, JSON."""

import shlex

from mirada.cli.output import Column, count_text, show, show_json, show_table
from mirada.language import translate
from mirada.tasks.quantities import percent_text, seconds_text
from mirada.training.disk import write_whole
from mirada.training.interval import Interval
from mirada.training.learning import Learning
from mirada.training.study import Result, Study
from mirada.training.study_folder import SCHEMA, StudyFolder
from mirada.views import Confusion, confusion_figure, write
from mirada.views.learning import (
    BandPoint,
    LearningPicture,
    MeasuredPoint,
    learning_figure,
)

__all__ = [
    "curve_json",
    "forecast_text",
    "interval_text",
    "show_curve",
    "show_study",
    "study_json",
    "write_curve",
    "write_study",
]


def write_study(folder: StudyFolder, study: Study, kind: str) -> None:
    """Writes `study.json` and the answers of all runs as `confusion.svg`."""
    folder.write(kind=kind, **study.to_dict())
    pooled = Confusion(study.classes, study.pooled.confusion)
    _write(folder, "confusion.svg", write(confusion_figure(pooled)))


def write_curve(folder: StudyFolder, study: Study) -> None:
    """Writes `study.json` and `learning.svg`."""
    folder.write(kind="learning-curve", **study.curve_dict())
    _write(folder, "learning.svg", write(learning_figure(_picture(study.learning))))


def study_json(folder: StudyFolder, study: Study, kind: str, seconds: float) -> None:
    """Prints the one object that scripts rely on."""
    head = {"schema": SCHEMA, "study": str(folder.path), "kind": kind}
    show_json({**head, **study.to_dict(), "seconds": round(seconds, 3)})


def curve_json(folder: StudyFolder, study: Study, seconds: float) -> None:
    """Prints the learning curve as one object."""
    head = {"schema": SCHEMA, "study": str(folder.path), "kind": "learning-curve"}
    show_json({**head, **study.curve_dict(), "seconds": round(seconds, 3)})


def show_study(folder: StudyFolder, study: Study, kind: str, seconds: float) -> None:
    """Prints the runs, their mean and interval, and the recall of each class."""
    _show_runs(study)
    show()
    text = translate("Mean test accuracy of {count} runs: {interval}.")
    runs = len(study.results)
    show(text.format(count=runs, interval=interval_text(study.accuracy)))
    if kind == "folds":
        pooled = study.pooled
        right = sum(row[place] for place, row in enumerate(pooled.confusion))
        text = translate("All folds together: {right} of {count} right ({share}).")
        share = percent_text(pooled.accuracy)
        show(text.format(right=right, count=pooled.count, share=share))
    show()
    columns = (Column(translate("Class")), Column(translate("Found of it")))
    rows = [(name, interval_text(found)) for name, found in study.recall.items()]
    show_table(columns, rows)
    _show_files(folder, "confusion.svg", seconds)


def show_curve(folder: StudyFolder, study: Study, seconds: float) -> None:
    """Prints the sizes with what they reach, and what more images would bring."""
    _show_runs(study)
    show()
    show(forecast_text(study.learning))
    _show_files(folder, "learning.svg", seconds)


def interval_text(found: Interval | None) -> str:
    """A mean with its interval: '97.1 % (95 % interval from 96.2 % to 98.0 %)'."""
    if found is None:
        return "-"
    if found.low is None:
        text = translate("{mean} (one measurement: no interval)")
        return text.format(mean=percent_text(found.mean))
    text = translate("{mean} (95 % interval from {low} to {high})")
    return text.format(
        mean=percent_text(found.mean),
        low=percent_text(found.low),
        high=percent_text(found.high),
    )


def forecast_text(learning: Learning) -> str:
    """What more images would bring, in a sentence; or that it cannot be said."""
    if learning.forecast is None or learning.now is None:
        return translate(
            "Too few sizes to say what more images would bring: a curve needs three, "
            "each with ten images a class."
        )
    now, ahead = learning.now, learning.forecast
    values = {
        "more": count_text(ahead.images - now.images),
        "share": percent_text(ahead.accuracy),
        "low": percent_text(ahead.low),
        "high": percent_text(ahead.high),
        "now": percent_text(now.accuracy),
    }
    if learning.verdict == "flat":
        text = translate(
            "The curve is flat: with {more} more images of the same kind expect about "
            "{share} (between {low} and {high}), hardly more than the {now} of now. "
            "Another network or better labels may help more."
        )
    elif learning.verdict == "unclear":
        text = translate(
            "The runs differ too much to say what {more} more images would bring: "
            "anything between {low} and {high}. Ask for more --seeds."
        )
    else:
        text = translate(
            "With {more} more images of the same kind expect about {share} (between "
            "{low} and {high}); now it is about {now}."
        )
    return text.format(**values)


def _show_runs(study: Study) -> None:
    has_folds = any(result.member.fold is not None for result in study.results)
    columns = [
        Column(translate("Run")),
        Column(translate("Seed"), numbers=True),
        *([Column(translate("Fold"), numbers=True)] if has_folds else []),
        Column(translate("Images"), numbers=True),
        Column(translate("Validation"), numbers=True),
        Column(translate("Test"), numbers=True),
    ]
    show_table(columns, (_row(result, has_folds) for result in study.results))


def _row(result: Result, has_folds: bool) -> list[object]:
    member, best = result.member, result.run.best
    fold = member.fold
    return [
        member.name,
        member.seed,
        *(["-" if fold is None else fold + 1] if has_folds else []),
        count_text(result.configuration.data.counts[0]),
        percent_text(best.validation_accuracy if best else None),
        percent_text(result.test.accuracy),
    ]


def _show_files(folder: StudyFolder, picture: str, seconds: float) -> None:
    show()
    text = translate("It took {time}. Look at it: {file}")
    file = shlex.quote(str(folder.path / picture))
    show(text.format(time=seconds_text(seconds), file=file))


def _picture(learning: Learning) -> LearningPicture:
    return LearningPicture(
        tuple(MeasuredPoint(*row) for row in learning.measured),
        tuple(BandPoint(*row) for row in learning.band),
    )


def _write(folder: StudyFolder, name: str, text: str) -> None:
    write_whole(folder.path / name, [text.encode()], folder.disk)
