"""A run taken away in a format: its images to compare on, its card, its files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import summarize
from mirada.data import Dataset
from mirada.errors import MiradaError, Phrase
from mirada.export import Examples, Exported, Parity, export
from mirada.export.exported import Stage
from mirada.language import count_text, decimal_mark, translate
from mirada.network import Network
from mirada.talk import say
from mirada.tasks.model_card import model_card
from mirada.tasks.quantities import percent_text
from mirada.tasks.subject import Subject
from mirada.views.png import png_bytes

__all__ = [
    "examples_of",
    "parity_text",
    "stage_text",
    "subject_text",
    "taken_away",
    "verdict",
]

_MOST_IMAGES = 100
_MACS = 3 * 10**8
"""How many images times MACs the law is asked for by itself: some ten seconds."""
_UNKNOWN = ("look-without-data", "look-data-gone")


def taken_away(
    subject: Subject,
    to: str,
    folder: Path,
    *,
    source: str | None = None,
    images: int | None = None,
    stage: Stage = lambda name: None,
) -> Exported:
    """Exports a run, compared on images that it did not see, with a model card.

    Raises what `Subject.images` and `export` do.
    """
    examples = examples_of(subject, source, images)

    def card(to: str, engine: Parity, parity: Parity) -> str:
        told = [f"- {line}" for line in parity_text(to, engine, parity)]
        heading = translate("Does it compute the same?")
        checked = "\n".join([f"## {heading}", "", *told])
        return f"{model_card(subject, to)}\n{checked}\n"

    return export(subject.model, to, examples, folder, card=card, stage=stage)


def examples_of(subject: Subject, source: str | None, most: int | None) -> Examples:
    """Images that the run did not see, evenly taken; random pixels where none are here.

    How many of how many is told as talk.
    """
    model = subject.model
    wanted = most or _fitting_images(model.network)
    found = _held_out(subject, source)
    if found is None:
        height, width = model.preprocessing.size
        shape = (wanted, height, width, model.preprocessing.channels)
        pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        say(Phrase("The images of the run are not here: random pixels are compared."))
        return Examples(pixels, 0, png_bytes(pixels[0]))
    data, samples = found
    wanted = min(wanted, len(samples))
    places = np.unique(np.linspace(0, len(samples) - 1, wanted).round().astype(int))
    chosen = samples[places]
    told = Phrase(
        "Compared on {count} of {all} images.",
        count=count_text(len(chosen)),
        all=count_text(len(samples)),
    )
    say(told)
    pixels = data.images[chosen]
    return Examples(pixels, len(samples), png_bytes(pixels[0]))


def _fitting_images(network: Network) -> int:
    """How many images the law answers in bearable time."""
    macs = summarize(network).totals.macs
    return max(2, min(_MOST_IMAGES, _MACS // max(macs, 1)))


def _held_out(
    subject: Subject, source: str | None
) -> tuple[Dataset, NDArray[np.int64]] | None:
    try:
        data, samples = subject.data(source)
    except MiradaError as error:
        if source is None and error.code in _UNKNOWN:
            return None
        raise
    if len(samples):
        return data, samples
    return (data, np.arange(len(data))) if len(data) else None


def stage_text(name: str) -> str:
    """What is being done, while it is."""
    return {
        "write": translate("Writing the files ..."),
        "reference": translate("Computing what the network means, in float64 ..."),
        "engine": translate("Asking the native engine ..."),
        "format": translate("Asking what was written ..."),
    }[name]


def parity_text(to: str, engine: Parity, parity: Parity) -> Iterator[str]:
    """Both comparisons in words, each one sentence."""
    yield f"{subject_text('engine')}: {verdict(engine)}"
    yield f"{subject_text(to)}: {verdict(parity)}"


def subject_text(name: str) -> str:
    """What is compared: the engine, or what a format's files compute."""
    return {
        "engine": translate("The native engine"),
        "torch": translate("PyTorch with these files"),
        "onnx": translate("onnxruntime with this file"),
        "weights": translate("The file, read again"),
        "description": translate("The description"),
    }.get(name, name)


def verdict(parity: Parity) -> str:
    """One comparison in words, with its numbers."""
    if parity.passed is None:
        return str(parity.reason)
    values = {
        "most": _small(parity.max_abs),
        "bound": _small(parity.bound),
        "same": percent_text(parity.top1_agreement),
        "count": count_text(parity.images),
    }
    if parity.passed:
        text = translate(
            "agrees with the exact computation. The largest difference is {most}; "
            "rounding explains up to {bound}. The first place is the same for {same} "
            "of {count} images."
        )
    else:
        text = translate(
            "does not agree with the exact computation. The largest difference is "
            "{most}, but rounding explains only {bound}. The first place is the same "
            "for {same} of {count} images."
        )
    return text.format(**values)


def _small(value: float | None) -> str:
    """A small number with two digits that count."""
    return "-" if value is None else decimal_mark(f"{value:.1e}")
