"""Why a training has ended."""

from mirada.language import translate
from mirada.tasks.quantities import percent_text, seconds_text
from mirada.training import Configuration, Outcome

__all__ = ["end_text"]


def end_text(configuration: Configuration, outcome: Outcome) -> str:
    """Why the run ended, in one sentence with its numbers."""
    epochs, best = len(outcome.rows), outcome.best
    if outcome.ended == "patience":
        text = translate(
            "Stopped after epoch {epochs}: the {measure} has not improved since epoch "
            "{best} ({share}); patience {patience}."
        )
        validated = best.validation_accuracy
        is_validated = validated is not None
        return text.format(
            epochs=epochs,
            measure=translate("validation accuracy")
            if is_validated
            else translate("training accuracy"),
            best=best.epoch,
            share=percent_text(validated if is_validated else best.train_accuracy),
            patience=configuration.patience,
        )
    if outcome.ended == "time":
        text = translate(
            "Stopped in epoch {epochs} of {all}: the {time} of its time budget are up."
        )
        time = seconds_text(configuration.seconds or 0.0)
        return text.format(epochs=epochs, all=configuration.recipe.epochs, time=time)
    if not outcome.ended:
        text = translate("{epochs} of {all} epochs are done.")
        return text.format(epochs=epochs, all=configuration.recipe.epochs)
    if configuration.last_step is not None:
        text = translate("All {steps} steps are done.")
        return text.format(steps=outcome.rows[-1].step)
    return translate("All {epochs} epochs are done.").format(epochs=epochs)
