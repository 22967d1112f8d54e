"""How a training that has ended, or was stopped, is told."""

import shlex
import signal
from pathlib import Path

from mirada.cli.output import say, show, show_json
from mirada.language import translate
from mirada.tasks.ended import end_text
from mirada.tasks.quantities import percent_text, seconds_text
from mirada.training import (
    Configuration,
    Evaluation,
    Outcome,
    Plan,
    RunInterruptedError,
)

__all__ = ["show_ending", "show_ending_json", "tell_stop"]

SCHEMA = 1


def show_ending(plan: Plan, outcome: Outcome, report: Path, seconds: float) -> None:
    """Prints how good it is, where everything lies, and what to do next."""
    show(_ended(plan, outcome, seconds))
    if outcome.test is not None:
        _show_test(outcome.test, outcome.best.epoch)
    folder = shlex.quote(str(outcome.folder))
    source = shlex.quote(plan.configuration.data.source)
    image = translate("IMAGE...")
    rows = (
        (translate("Look at it:"), shlex.quote(str(report))),
        (translate("Weights:"), shlex.quote(str(outcome.weights))),
        (translate("Next:"), f"mirada predict {folder} {image}"),
        ("", f"mirada evaluate {folder} {source}"),
        (translate("Look inside:"), f"mirada look {folder}"),
    )
    width = max(len(words) for words, _ in rows)
    show()
    for words, value in rows:
        show(f"{words.ljust(width)}  {value}")


def show_ending_json(
    configuration: Configuration, outcome: Outcome, seconds: float
) -> None:
    """Prints the one object that scripts rely on."""
    show_json(
        {
            "schema": SCHEMA,
            "run": str(outcome.folder),
            "test_accuracy": outcome.test.accuracy if outcome.test else None,
            "best_epoch": outcome.best.epoch,
            "epochs": len(outcome.rows),
            "ended": outcome.ended,
            "reason": end_text(configuration, outcome),
            "seconds": round(seconds, 3),
            "weights": str(outcome.weights),
        }
    )


def tell_stop(
    stop: RunInterruptedError, folder: Path, *, as_json: bool, verb: str = "train"
) -> int:
    """Says that everything is saved and how to go on; the exit code."""
    template = translate("Stopped by {signal}; all is saved. Go on with: {command}")
    text = template.format(
        signal=signal.Signals(stop.exit_code - 128).name,
        command=f"mirada {verb} --resume --out {shlex.quote(str(folder))}",
    )
    say(text)
    if as_json:
        error = {"code": "interrupted", "message": text, "exit_code": stop.exit_code}
        show_json({"schema": SCHEMA, "run": str(folder), "error": error})
    return stop.exit_code


def _show_test(test: Evaluation, epoch: int) -> None:
    text = translate(
        "Test accuracy: {share} ({right} of {count} images held out), with the weights "
        "of epoch {epoch}."
    )
    right = sum(row[place] for place, row in enumerate(test.confusion))
    share = percent_text(test.accuracy)
    if test.flips:
        say(translate("Each answer is the mean of the image's and its mirror image's."))
    show(text.format(share=share, right=right, count=test.count, epoch=epoch))
    known = [item for item in test.per_class if item.recall is not None]
    worst = min(known, key=lambda item: item.recall or 0.0)
    text = translate("Hardest class: {name}, of which {share} are found.")
    show(text.format(name=worst.name, share=percent_text(worst.recall)))


def _ended(plan: Plan, outcome: Outcome, seconds: float) -> str:
    text = translate("{end} It took {time}.")
    end = end_text(plan.configuration, outcome)
    return text.format(end=end, time=seconds_text(seconds))
