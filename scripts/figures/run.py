"""The figures that come from a training, and so differ a little between computers."""

from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from mirada import load
from mirada.cli import main
from mirada.cli.look_why_figures import why_figure
from mirada.inspection import reasons
from mirada.language import use_language
from mirada.tasks.findings import findings
from mirada.tasks.subject import Subject
from mirada.views import png_bytes
from mirada.views.reliability import reliability_figure
from mirada.views.svg import Element, write
from scripts.figures.learned import excited, filters, maps, probes, shifts

__all__ = ["RUN_FIGURES", "run_figures"]

_RUN = "first"
_TRAINING = ("train", "digits", "--epochs", "10", "--seed", "1", "--out", _RUN)
_IMAGE, _NUMBER = "three.png", 13
_REASONS = ("saliency", "grad-cam", "occlusion")


def reliability(subject: Subject) -> Element:
    """How often answers are right, by how sure the network is of them."""
    found = findings(subject, subject.images())
    return reliability_figure(found.calibration.bins)


def why(subject: Subject) -> Element:
    """Three maps that say where an answer comes from, each with its checks."""
    picture = subject.picture(_IMAGE)
    found = reasons(subject.engine, picture.values, _REASONS)
    name = subject.model.classes[found[0].answer.place]
    return why_figure(name, picture.name, picture.pixels, found, "why", narrow=True)


_DRAWINGS: Mapping[str, Callable[[Subject], Element]] = {
    "maps": partial(maps, image=_IMAGE),
    "filters": filters,
    "excited": excited,
    "probes": probes,
    "shifts": shifts,
    "why": why,
    "reliability": reliability,
}
RUN_FIGURES = ("curves", "confusion", *_DRAWINGS)
"""The names of those that are drawn from a run."""


def run_figures(language: str) -> dict[str, str]:
    """The pictures that the run of chapters 11 and 12 gives, by their names."""
    with TemporaryDirectory() as folder, chdir(folder), redirect_stdout(StringIO()):
        code = main(["--quiet", "--lang", language, *_TRAINING])
        assert code == 0
        _write_image()
        use_language(language)
        subject = Subject(_RUN)
        drawn = {name: write(draw(subject)) + "\n" for name, draw in _DRAWINGS.items()}
        kept = ("curves", "confusion")
        return drawn | {
            name: Path(_RUN, f"{name}.svg").read_text("utf-8") for name in kept
        }


def _write_image() -> None:
    """The image of the book, ten times as large as it is among the digits."""
    digit = load("digits").images[_NUMBER, ..., 0]
    larger = digit.repeat(10, axis=0).repeat(10, axis=1)
    Path(_IMAGE).write_bytes(png_bytes(larger))
