"""What a search found: the best trial, answered on the test part, and its command."""

import json
import shlex
from dataclasses import dataclass, fields, replace
from typing import Any

from mirada.cli.output import Column, show, show_json, show_table
from mirada.language import translate
from mirada.network import Recipe
from mirada.network.file import to_toml
from mirada.tasks.prepare import Order
from mirada.tasks.quantities import percent_text, seconds_text
from mirada.training import Evaluation, Plan, Wishes, engine_for, evaluate, load_model
from mirada.training.disk import write_whole
from mirada.training.record import BEST, EVALUATION
from mirada.training.study_folder import SCHEMA
from mirada.training.trial import Trial
from mirada.training.tune import Tuning
from mirada.training.variation import Base, Variation

__all__ = ["Best", "best_of", "show_best", "tune_json"]

_DESCRIPTION = "best.toml"
_MOST_SHOWN = 20
_OPTIONS = {
    **{"epochs": "epochs", "batch_size": "batch", "learning_rate": "lr"},
    **{"optimizer": "optimizer", "schedule": "schedule", "gradient_clip": "clip"},
    **{"ema": "ema", "smoothing": "smoothing", "class_weights": "class-weights"},
    **{"augment": "augment", "patience": "patience", "seed": "seed"},
    **{"validation": "validation", "test": "test", "split": "split"},
    **{"group_by": "group-by", "threads": "threads", "engine": "engine"},
    **{"isa": "isa", "precision": "precision", "device": "device"},
    "weights_from": "from",
}
_FLAGS = {
    **{"exact": "exact", "flips": "flips", "keep_head": "keep-head"},
    "compiled": "compile",
}
_MANY = {"freeze": "freeze", "rates": "rate"}


@dataclass(frozen=True)
class Best:
    """The best trial, its answers for the test part, and how to train it again."""

    trial: Trial
    run: str
    test: Evaluation | None
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command line that trains the same network to the same weights."""
        return shlex.join(["mirada", *self.words])

    def to_dict(self) -> dict[str, Any]:
        """The best trial as JSON holds it."""
        return {
            **self.trial.to_dict(),
            "run": self.run,
            "test_accuracy": self.test.accuracy if self.test else None,
            "command": self.command,
        }


def best_of(tuning: Tuning, order: Order, base: Base, recipe: Recipe | None) -> Best:
    """Answers the test part with the best trial, and writes what it is.

    Its weights become `best.safetensors` of the search's folder, its answers
    `evaluation.json`; a network of its own is described in `best.toml`.
    """
    trial = tuning.best
    variation, plan = tuning.variation(trial), tuning.plan(trial)
    folder, run = tuning.folder, tuning.path(trial)
    test = _answered(tuning, trial, plan, base)
    network = order.network if not variation.model else variation.model
    if variation.is_own:
        path = folder.path / _DESCRIPTION
        text = to_toml(variation.network, recipe)
        write_whole(path, [text.encode()], folder.disk)
        network = str(path)
    words = _words(network, order, variation)
    return Best(trial, str(run), test, words)


def tune_json(tuning: Tuning, best: Best, seconds: float) -> None:
    """Prints the one object that scripts rely on."""
    trials = [trial.to_dict() for trial in tuning.trials.values()]
    show_json(
        {
            "schema": SCHEMA,
            "study": str(tuning.folder.path),
            "kind": "tune",
            "best": best.to_dict(),
            "trials": trials,
            "seconds": round(seconds, 3),
        }
    )


def show_best(tuning: Tuning, best: Best, seconds: float) -> None:
    """Prints the best trials, how good the best is, and its command."""
    known = [trial for trial in tuning.trials.values() if trial.score]
    known.sort(key=lambda t: (len(t.scores), t.score and t.score.merit), reverse=True)
    names = [item.name for item in tuning.space]
    columns = [
        Column(translate("Trial")),
        *(Column(name, numbers=True) for name in names),
        Column(translate("Epochs"), numbers=True),
        Column(translate("Validation"), numbers=True),
    ]
    show_table(columns, [_row(trial, names) for trial in known[:_MOST_SHOWN]])
    show()
    states = [trial.state for trial in tuning.trials.values()]
    text = translate(
        "{count} trials: {finished} trained to the end, {stopped} stopped early, "
        "{pruned} impossible, {diverged} diverged. It took {time}."
    )
    kinds = ("finished", "stopped", "pruned", "diverged")
    counts = {kind: states.count(kind) for kind in kinds}
    show(text.format(count=len(states), time=seconds_text(seconds), **counts))
    if best.test is not None:
        text = translate("Test accuracy of {trial}: {share}.")
        share = percent_text(best.test.accuracy)
        show(text.format(trial=best.trial.name, share=share))
    text = translate("Train it again with: {command}")
    show(text.format(command=best.command))


def _answered(
    tuning: Tuning, trial: Trial, plan: Plan, base: Base
) -> Evaluation | None:
    folder = tuning.folder
    model = load_model(tuning.path(trial) / BEST)
    content = (tuning.path(trial) / BEST).read_bytes()
    write_whole(folder.path / BEST, [content], folder.disk)
    samples = base.plan.split.test
    if not len(samples):
        return None
    engine = engine_for(plan.configuration)
    engine.load_parameters(model.parameters)
    found = evaluate(
        engine,
        plan.data,
        samples,
        plan.configuration.preprocessing,
        plan.configuration.recipe.loss,
    )
    _write_json(tuning, EVALUATION, found)
    return found


def _write_json(tuning: Tuning, name: str, found: Evaluation) -> None:
    """Writes an evaluation into the folder of the search."""
    text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    folder = tuning.folder
    write_whole(folder.path / name, [text.encode() + b"\n"], folder.disk)


def _words(network: str, order: Order, variation: Variation) -> tuple[str, ...]:
    """The words after `mirada` that ask for the same run, the test part included."""
    wishes = variation.wishes
    if wishes.learning_rate is not None and wishes.optimizer is not None:
        optimizer: Any = wishes.optimizer
        told = replace(optimizer, learning_rate=wishes.learning_rate)
        wishes = replace(wishes, optimizer=told, learning_rate=None)
    words = ["train", network, order.source]
    if order.size is not None:
        words += ["--size", str(order.size)]
    return (*words, *_options(wishes))


def _options(wishes: Wishes) -> list[str]:
    words = []
    for field in fields(wishes):
        value = getattr(wishes, field.name)
        if value in (None, ""):
            continue
        if field.name in _FLAGS and value:
            words.append(f"--{_FLAGS[field.name]}")
        elif field.name in _OPTIONS:
            words += [f"--{_OPTIONS[field.name]}", _text(value)]
        for item in value if field.name in _MANY else ():
            words += [f"--{_MANY[field.name]}", "=".join(_text(item).split())]
    return words


def _text(value: Any) -> str:
    if hasattr(value, "text"):
        return str(value.text())
    if isinstance(value, tuple):
        return ",".join(map(repr, value))
    return str(value)


def _row(trial: Trial, names: list[str]) -> list[object]:
    score = trial.score
    return [
        trial.name,
        *(trial.values[name] for name in names),
        trial.epochs,
        percent_text(score.accuracy if score else None),
    ]
