"""The pictures and the page of a run, written into its folder."""

from collections.abc import Iterator
from pathlib import Path

from mirada.cli.quantities import percent_text, seconds_text
from mirada.language import translate
from mirada.training import Configuration, Evaluation, Origin, Outcome, Plan
from mirada.training.disk import write_whole
from mirada.views import (
    Confusion,
    Fact,
    Mistake,
    Report,
    Setting,
    confusion_figure,
    curves_of,
    report_html,
    training_curves,
    write,
)

__all__ = ["origin_text", "settings", "write_pictures"]

_CLIP, _AVERAGE = "recipe.gradient_clip", "recipe.ema"
"""Shown where they are not off, as are the processor and exact convolutions."""
_RATE = "recipe.optimizer.learning_rate"
"""Shown where it was given by itself; the optimizer's text has it anyway."""


def write_pictures(plan: Plan, outcome: Outcome, seconds: float) -> Path:
    """Writes `curves.svg`, `confusion.svg` and `report.html`; the path of the last.

    Raises StorageError (`cannot-write`).
    """
    folder, test = outcome.folder, outcome.test
    curves = curves_of(outcome.rows)
    _write(folder / "curves.svg", write(training_curves(curves)))
    confusion = None
    if test is not None:
        confusion = Confusion(test.classes, test.confusion)
        _write(folder / "confusion.svg", write(confusion_figure(confusion)))
    report = Report(
        title=folder.name,
        facts=tuple(_facts(plan.configuration, outcome, seconds)),
        curves=curves,
        confusion=confusion,
        scores=test.per_class if test else (),
        mistakes=tuple(_mistakes(plan, test)) if test else (),
        configuration=tuple(settings(plan.configuration)),
    )
    return _write(folder / "report.html", report_html(report))


def settings(configuration: Configuration) -> Iterator[Setting]:
    """Every value of a configuration in words, with its origin."""
    recipe, data = configuration.recipe, configuration.data
    origins = configuration.origins
    train, validation, test = data.counts
    parts = translate("{train} to train, {validation} to validate, {test} held out")
    counts = parts.format(train=train, validation=validation, test=test)
    none = translate("none")
    change = configuration.augmentation
    for name, key, value in (
        (translate("network"), "network", configuration.network.name),
        (translate("data"), "data", f"{data.name}: {counts}"),
        (translate("epochs"), "recipe.epochs", recipe.epochs),
        (translate("batch"), "recipe.batch_size", recipe.batch_size),
        (translate("loss"), "recipe.loss", recipe.loss.text()),
        (translate("optimizer"), "recipe.optimizer", recipe.optimizer.text()),
        (
            translate("learning rate"),
            _RATE,
            f"{recipe.optimizer.learning_rate:g}",
        ),
        (translate("schedule"), "recipe.schedule", recipe.schedule.text()),
        (translate("longest gradient"), _CLIP, recipe.gradient_clip or None),
        (translate("average of weights"), _AVERAGE, recipe.ema or None),
        (
            translate("augmentation"),
            "augmentation",
            none
            if change.is_nothing
            else ", ".join(f"{k} {v}" for k, v in vars(change).items() if v),
        ),
        (translate("early stopping"), "patience", configuration.patience or none),
        (translate("seed"), "recipe.seed", recipe.seed),
        (translate("engine"), "engine", configuration.engine),
        (translate("processor"), "isa", _isa(configuration)),
        (translate("convolutions"), "exact", _exact(configuration)),
        (translate("precision"), "precision", _precision(configuration)),
        (translate("threads"), "threads", configuration.threads),
    ):
        if value is not None and (key in origins or key != _RATE):
            yield Setting(name, str(value), origin_text(origins.get(key)))


def _isa(configuration: Configuration) -> str | None:
    return None if configuration.isa == "native" else configuration.isa


def _precision(configuration: Configuration) -> str | None:
    return None if configuration.precision == "float32" else configuration.precision


def _exact(configuration: Configuration) -> str | None:
    return translate("by their definition") if configuration.exact else None


def origin_text(origin: Origin | None) -> str:
    """Where a value came from, in words."""
    if origin is None:
        return ""
    words = {
        "given": translate("given"),
        "description": translate("from the description"),
        "default": translate("default"),
        "automatic": translate("automatic"),
    }
    kind, reason = words.get(origin.kind, origin.kind), str(origin.reason)
    return f"{kind}: {reason}" if reason else kind


def _facts(
    configuration: Configuration, outcome: Outcome, seconds: float
) -> Iterator[Fact]:
    if outcome.test is not None:
        yield Fact(translate("test accuracy"), percent_text(outcome.test.accuracy))
    share = outcome.best.validation_accuracy
    yield Fact(translate("validation accuracy"), percent_text(share))
    epochs = translate("{best} of {epochs}")
    value = epochs.format(best=outcome.best.epoch, epochs=len(outcome.rows))
    yield Fact(translate("best epoch"), value)
    yield Fact(translate("network"), configuration.network.name)
    yield Fact(translate("data"), configuration.data.name)
    yield Fact(translate("time"), seconds_text(seconds))


def _mistakes(plan: Plan, test: Evaluation) -> Iterator[Mistake]:
    for item in test.mistakes:
        yield Mistake(
            image=plan.data.images[item.sample],
            true=item.true,
            predicted=item.predicted,
            probability=item.probability,
            source=item.name,
        )


def _write(path: Path, text: str) -> Path:
    write_whole(path, [text.encode()])
    return path
