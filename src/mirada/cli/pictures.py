"""The pictures of a run: curves, confusion matrix, and the page with everything."""

from mirada.data import Augmentation, Dataset
from mirada.language import translate
from mirada.training import Configuration, Origin, Outcome, Plan, RunFolder
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

__all__ = ["augmentation_text", "write_pictures"]


def write_pictures(folder: RunFolder, plan: Plan, outcome: Outcome) -> None:
    """Writes curves.svg, confusion.svg and report.html into the folder of a run."""
    curves = curves_of(outcome.rows)
    folder.write("curves.svg", write(training_curves(curves)).encode())
    confusion = None
    if outcome.test is not None:
        confusion = Confusion(outcome.test.classes, outcome.test.confusion)
        folder.write("confusion.svg", write(confusion_figure(confusion)).encode())
    configuration = plan.configuration
    report = Report(
        title=f"{configuration.network.name} - {configuration.data.name}",
        facts=_facts(configuration, outcome),
        curves=curves,
        confusion=confusion,
        scores=outcome.test.per_class if outcome.test else (),
        mistakes=_mistakes(plan.data, outcome),
        configuration=_settings(configuration),
    )
    folder.write("report.html", report_html(report).encode())


def augmentation_text(augmentation: Augmentation) -> str:
    """What may happen to a training image, in a few words; "-" for nothing."""
    plain = augmentation.to_dict()
    words = [f"{name} {value}" for name, value in plain.items() if value]
    return ", ".join(words) or "-"


def _facts(configuration: Configuration, outcome: Outcome) -> tuple[Fact, ...]:
    train_count, validation, test = configuration.data.counts
    found = [
        Fact(translate("Network"), configuration.network.name),
        Fact(translate("Data"), configuration.data.name),
        Fact(translate("Images"), f"{train_count} + {validation} + {test}"),
        Fact(translate("Best epoch"), f"{outcome.best.epoch} / {len(outcome.rows)}"),
    ]
    if outcome.best.validation_accuracy is not None:
        share = f"{100 * outcome.best.validation_accuracy:.2f} %"
        found.append(Fact(translate("Validation accuracy"), share))
    if outcome.test is not None:
        share = f"{100 * outcome.test.accuracy:.2f} %"
        found.append(Fact(translate("Test accuracy"), share))
    return tuple(found)


def _mistakes(data: Dataset, outcome: Outcome) -> tuple[Mistake, ...]:
    if outcome.test is None:
        return ()
    return tuple(
        Mistake(
            image=data.images[mistake.sample],
            true=mistake.true,
            predicted=mistake.predicted,
            probability=mistake.probability,
            source=mistake.name,
        )
        for mistake in outcome.test.mistakes
    )


def _settings(configuration: Configuration) -> tuple[Setting, ...]:
    recipe = configuration.recipe
    values = {
        "network": configuration.network.name,
        "recipe.loss": recipe.loss.text(),
        "recipe.optimizer": recipe.optimizer.text(),
        "recipe.schedule": recipe.schedule.text(),
        "recipe.epochs": recipe.epochs,
        "recipe.batch_size": recipe.batch_size,
        "recipe.seed": recipe.seed,
        "augmentation": augmentation_text(configuration.augmentation),
        "patience": configuration.patience,
        "engine": configuration.engine,
        "threads": configuration.threads,
    }
    origins = configuration.origins
    return tuple(
        Setting(name, str(value), _origin(origins.get(name, Origin("default"))))
        for name, value in values.items()
    )


def _origin(origin: Origin) -> str:
    words = {
        "given": translate("given"),
        "description": translate("description"),
        "automatic": translate("automatic"),
        "default": translate("default"),
    }
    kind = words.get(origin.kind, origin.kind)
    return f"{kind}: {origin.reason}" if str(origin.reason) else kind
