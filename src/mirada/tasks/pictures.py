"""The pictures and the page of a run, written into its folder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from mirada.data import Dataset
from mirada.inspection import class_estimates
from mirada.language import translate
from mirada.network import CrossEntropy
from mirada.tasks.ended import end_text
from mirada.tasks.quantities import percent_text, seconds_text
from mirada.training import Configuration, Evaluation, Origin, Outcome, Plan
from mirada.training.configuration import DataFacts
from mirada.training.difference import differences_text
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

__all__ = ["origin_text", "run_report", "settings", "with_answers", "write_pictures"]

_CLIP, _AVERAGE = "recipe.gradient_clip", "recipe.ema"
"""Shown where they are not off, as are the processor and exact convolutions."""
_RATE, _WEIGHTS = "recipe.optimizer.learning_rate", "recipe.loss.class_weights"
_SHOWN_IF_GIVEN = (_WEIGHTS, "preprocessing", "device")
"""Shown where something is said of them alone; else others have them."""
_MOST_WEIGHTS = 8


def write_pictures(plan: Plan, outcome: Outcome, seconds: float) -> Path:
    """Writes `curves.svg`, `confusion.svg` and `report.html`; the path of the last.

    Raises StorageError (`cannot-write`).
    """
    folder, test = outcome.folder, outcome.test
    curves = curves_of(outcome.rows)
    _write(folder / "curves.svg", write(training_curves(curves)))
    if test is not None:
        confusion = Confusion(test.classes, test.confusion)
        _write(folder / "confusion.svg", write(confusion_figure(confusion)))
    report = run_report(plan.configuration, outcome, seconds)
    if test is not None:
        report = with_answers(report, test, plan.data, translate("test accuracy"))
    return _write(folder / "report.html", report_html(report))


def run_report(
    configuration: Configuration, outcome: Outcome, seconds: float
) -> Report:
    """What a page says of a run and not of its answers: how it was trained."""
    return Report(
        title=outcome.folder.name,
        facts=(
            *_facts(configuration, outcome),
            Fact(translate("time"), seconds_text(seconds)),
        ),
        curves=curves_of(outcome.rows),
        configuration=(*settings(configuration), *_changes_since(outcome)),
    )


def with_answers(
    report: Report, found: Evaluation, data: Dataset, accuracy: str
) -> Report:
    """The page with what was answered; `accuracy` is what its first fact is called."""
    head = Fact(accuracy, percent_text(found.accuracy))
    return replace(
        report,
        facts=(head, *report.facts),
        confusion=Confusion(found.classes, found.confusion),
        scores=class_estimates(found.classes, np.array(found.confusion)),
        mistakes=tuple(_mistakes(data, found)),
    )


def _changes_since(outcome: Outcome) -> Iterator[Setting]:
    """What was not as the run had begun: what was forced, and the rate by hand."""
    for record in outcome.forced:
        name = translate("forced after step {step}").format(step=record.step)
        yield Setting(name, differences_text(record.differences), "")
    for change in outcome.rate_changes:
        name = translate("learning rate after step {step}").format(step=change.step)
        value = f"{change.learning_rate:.3g}"
        times = translate("by hand: {factor} times what was planned")
        yield Setting(name, value, times.format(factor=f"{change.factor:.3g}"))


def settings(configuration: Configuration) -> Iterator[Setting]:
    """Every value of a configuration in words, with its origin."""
    origins = configuration.origins
    for name, key, value in _values(configuration):
        if value is not None and (key in origins or key not in _SHOWN_IF_GIVEN):
            yield Setting(name, str(value), origin_text(origins.get(key)))


def _values(configuration: Configuration) -> Iterator[tuple[str, str, object]]:
    """The name of every value, what its origin is filed under, and the value."""
    recipe, optimizer = configuration.recipe, configuration.recipe.optimizer
    none = translate("none")
    loss, weights = recipe.loss, None
    if isinstance(loss, CrossEntropy):
        weights = _weights(loss)
        loss = replace(loss, class_weights=())
    yield translate("network"), "network", configuration.network.name
    yield translate("data"), "data", _divided(configuration.data)
    yield translate("division"), "data.split", _division(configuration)
    yield translate("epochs"), "recipe.epochs", recipe.epochs
    yield translate("time budget"), "seconds", _budget(configuration)
    yield translate("batch"), "recipe.batch_size", recipe.batch_size
    yield translate("loss"), _loss_key(configuration), loss.text()
    yield translate("class weights"), _WEIGHTS, weights
    yield translate("begins with"), "inherited", _begins_with(configuration)
    yield translate("optimizer"), "recipe.optimizer", optimizer.text()
    yield translate("learning rate"), _RATE, f"{optimizer.learning_rate:g}"
    yield translate("schedule"), "recipe.schedule", recipe.schedule.text()
    yield translate("own rates"), "recipe.rates", _rates(configuration)
    yield translate("mean and deviation"), "preprocessing", _normalized(configuration)
    yield translate("longest gradient"), _CLIP, recipe.gradient_clip or None
    yield translate("average of weights"), _AVERAGE, recipe.ema or None
    yield translate("augmentation"), "augmentation", _changes(configuration)
    yield translate("early stopping"), "patience", configuration.patience or none
    yield translate("test-time flips"), "flips", _yes(configuration.flips)
    yield translate("seed"), "recipe.seed", recipe.seed
    yield translate("engine"), "engine", configuration.engine
    yield translate("processor"), "isa", _isa(configuration)
    yield translate("convolutions"), "exact", _exact(configuration)
    yield translate("precision"), "precision", _precision(configuration)
    yield translate("device"), "device", configuration.device
    yield translate("compiled by PyTorch"), "compiled", _yes(configuration.compiled)
    yield translate("threads"), "threads", configuration.threads
    yield translate("told to"), "log", ", ".join(configuration.log) or None


def _divided(data: DataFacts) -> str:
    train, validation, test = data.counts
    parts = translate("{train} to train, {validation} to validate, {test} held out")
    counts = parts.format(train=train, validation=validation, test=test)
    return f"{data.name}: {counts}"


def _division(configuration: Configuration) -> str | None:
    """How the images were divided, where it was not by chance alone."""
    data, words = configuration.data, []
    if "data.split" in configuration.origins:
        words.append(translate("as a file says"))
    if data.folds:
        text = translate("fold {fold} of {folds}")
        words.append(text.format(fold=data.fold + 1, folds=data.folds))
    if data.group_by:
        text = translate("groups kept together, by {by}")
        words.append(text.format(by=data.group_by))
    return ", ".join(words) or None


def _budget(configuration: Configuration) -> str | None:
    seconds = configuration.seconds
    return None if seconds is None else seconds_text(seconds)


def _loss_key(configuration: Configuration) -> str:
    smoothing = "recipe.loss.label_smoothing"
    return smoothing if smoothing in configuration.origins else "recipe.loss"


def _weights(loss: CrossEntropy) -> str:
    """The weight of every class, or the range of many."""
    weights = [f"{weight:.3g}" for weight in loss.class_weights]
    if len(weights) <= _MOST_WEIGHTS:
        return ", ".join(weights) or translate("none")
    low, high = min(loss.class_weights), max(loss.class_weights)
    text = translate("{count} from {low} to {high}")
    return text.format(count=len(weights), low=f"{low:.3g}", high=f"{high:.3g}")


def _begins_with(configuration: Configuration) -> str | None:
    told = configuration.inherited
    if told is None:
        return None
    text = translate("{path} ({taken} of {count} parameters)")
    name = told.path or told.name
    return text.format(path=name, taken=told.taken, count=told.count)


def _rates(configuration: Configuration) -> str | None:
    rates = [f"{r.pattern} {r.factor:g}" for r in configuration.recipe.rates]
    return ", ".join(rates) or None


def _normalized(configuration: Configuration) -> str:
    kept = configuration.preprocessing
    both = zip(kept.mean, kept.std, strict=True)
    return ", ".join(f"{mean:.3g} / {std:.3g}" for mean, std in both)


def _changes(configuration: Configuration) -> str:
    change = configuration.augmentation
    return translate("none") if change.is_nothing else change.text()


def _yes(value: bool) -> str | None:
    return translate("yes") if value else None


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


def _facts(configuration: Configuration, outcome: Outcome) -> Iterator[Fact]:
    best = outcome.best
    if best.validation_accuracy is None:
        share = percent_text(best.train_accuracy)
        yield Fact(translate("training accuracy"), share)
    else:
        share = percent_text(best.validation_accuracy)
        yield Fact(translate("validation accuracy"), share)
    epochs = translate("{best} of {epochs}")
    value = epochs.format(best=best.epoch, epochs=len(outcome.rows))
    yield Fact(translate("best epoch"), value)
    yield Fact(translate("ended"), end_text(configuration, outcome))
    if outcome.test is not None and outcome.test.flips:
        yield Fact(translate("test-time flips"), translate("yes"))
    yield Fact(translate("network"), configuration.network.name)
    yield Fact(translate("data"), configuration.data.name)


def _mistakes(data: Dataset, test: Evaluation) -> Iterator[Mistake]:
    for item in test.mistakes:
        yield Mistake(
            image=data.images[item.sample],
            true=item.true,
            predicted=item.predicted,
            probability=item.probability,
            source=item.name,
        )


def _write(path: Path, text: str) -> Path:
    write_whole(path, [text.encode()])
    return path
