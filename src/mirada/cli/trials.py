"""What can be known before a run: its time and memory, a rate, whether it can learn."""

from pathlib import Path

from mirada.cli.output import (
    Column,
    bytes_text,
    count_text,
    say,
    show,
    show_json,
    show_table,
)
from mirada.cli.train_options import TrainOptions
from mirada.language import translate
from mirada.tasks.foresight import foreseen, parameter_count
from mirada.tasks.quantities import loss_text, seconds_text
from mirada.training import Plan, engine_for
from mirada.training.disk import write_whole
from mirada.training.finder import RateSearch, find_rate
from mirada.training.foretold import ForetoldMemory
from mirada.training.overfit import OverfitTrial, overfit_batch
from mirada.views import RateCurve, rate_figure, write

__all__ = ["FAILED", "trial"]

SCHEMA = 1
FAILED = 7
"""The exit code of a check that found something wrong."""
_LINES = 12
"""About how many rates of a search are shown."""


def trial(plan: Plan, asked: TrainOptions) -> int:
    """Does what is asked for instead of a run; the exit code."""
    if asked.dry_run:
        return _dry_run(plan, as_json=asked.as_json)
    if asked.find_lr:
        return _find_rate(plan, asked.folder, as_json=asked.as_json)
    return _overfit(plan, as_json=asked.as_json)


def _dry_run(plan: Plan, *, as_json: bool) -> int:
    found = foreseen(plan)
    chosen, speed = found.plan.configuration, round(found.images_per_second)
    if as_json:
        show_json({"schema": SCHEMA, **found.to_dict()})
        return 0
    epochs = translate("{epochs} epochs of {steps} steps, {seconds} each")
    rows = (
        (translate("Time"), seconds_text(found.seconds)),
        (
            translate("Epochs"),
            epochs.format(
                epochs=chosen.recipe.epochs,
                steps=min(chosen.steps_per_epoch, chosen.steps),
                seconds=seconds_text(found.pace.epoch(chosen)),
            ),
        ),
        (
            translate("Speed"),
            translate("{rate} images/s").format(rate=count_text(speed)),
        ),
        (translate("Memory"), _memory_text(found.memory)),
        (translate("Parameters"), count_text(parameter_count(found.plan))),
    )
    show_table((Column(translate("Dry run")), Column(translate("About"))), rows)
    return 0


def _memory_text(memory: ForetoldMemory) -> str:
    text = translate("{total} at most, of which {held} are held already")
    held = bytes_text(memory.held)
    return text.format(total=bytes_text(memory.total), held=held)


def _find_rate(plan: Plan, out: Path | None, *, as_json: bool) -> int:
    search = find_rate(plan, engine_for(plan.configuration))
    picture = None if out is None else _written(search, out)
    if as_json:
        points = [vars(point) for point in search.points]
        show_json(
            {
                "schema": SCHEMA,
                "suggestion": search.suggestion,
                "lowest": search.lowest,
                "steepest": search.steepest,
                "diverged": search.diverged,
                "points": points,
                "picture": None if picture is None else str(picture),
            }
        )
    else:
        _show_search(search, picture)
    return 0 if search.suggestion is not None else FAILED


def _written(search: RateSearch, out: Path) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    points = search.points
    rates = tuple(point.rate for point in points)
    losses = tuple(point.smoothed for point in points)
    curve = RateCurve(rates, losses, search.suggestion)
    path = out / "learning-rate.svg"
    write_whole(path, [write(rate_figure(curve)).encode()])
    return path


def _show_search(search: RateSearch, picture: Path | None) -> None:
    columns = (
        Column(translate("Learning rate"), numbers=True),
        Column(translate("Loss"), numbers=True),
        Column(translate("Smoothed"), numbers=True),
    )
    every = max(1, len(search.points) // _LINES)
    rows = (
        (f"{point.rate:.1e}", loss_text(point.loss), loss_text(point.smoothed))
        for point in search.points[::every]
    )
    show_table(columns, rows)
    show()
    if search.suggestion is None:
        show(
            translate(
                "The loss never fell, so no rate can be suggested. See whether the "
                "network learns at all: --overfit-one-batch."
            )
        )
    else:
        text = translate(
            "Suggested: --lr {rate}. The loss fell fastest at {steepest} and was least "
            "at {lowest}; a tenth of that leaves room before it rises."
        )
        about = {"steepest": search.steepest, "lowest": search.lowest}
        shown = {name: f"{value:.1e}" for name, value in about.items()}
        show(text.format(rate=f"{search.suggestion:g}", **shown))
    if picture is not None:
        show(translate("Look at it: {path}").format(path=picture))


def _overfit(plan: Plan, *, as_json: bool) -> int:
    say(translate("One batch, without augmentation, dropout, smoothing and weights."))
    found = overfit_batch(plan)
    if as_json:
        about = {**vars(found), "hints": [str(hint) for hint in found.hints]}
        about["losses"] = [
            round(loss, 6) if loss == loss else None for loss in found.losses
        ]
        about["loss"] = about["losses"][-1]
        show_json({"schema": SCHEMA, **about})
    else:
        _show_overfit(found)
    return 0 if found.learned else FAILED


def _show_overfit(found: OverfitTrial) -> None:
    text = translate(
        "After {steps} steps on one batch: loss {loss}, {correct} of {images} right."
    )
    show(
        text.format(
            steps=found.steps,
            loss=loss_text(found.loss),
            correct=found.correct,
            images=found.images,
        )
    )
    if found.learned:
        show(translate("The network can learn: it knows the batch by heart."))
        return
    show(translate("The network cannot learn even one batch by heart:"))
    for hint in found.hints:
        show(f"- {hint}")
