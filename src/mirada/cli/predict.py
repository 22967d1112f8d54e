"""`mirada predict`: what a trained network sees in images."""

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from mirada import engines
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.machine import (
    device_option,
    exact_option,
    isa_option,
    precision_option,
)
from mirada.cli.output import Column, printable, say, show_json, show_table
from mirada.cli.trained import flips_option, run_argument
from mirada.data.decoding import Header
from mirada.data.naming import shown_path
from mirada.data.pool import Decoders
from mirada.engines import Engine
from mirada.errors import DataError, MiradaError, Phrase
from mirada.language import translate
from mirada.tasks.quantities import percent_text
from mirada.tasks.trained import trained
from mirada.training import Model

__all__ = ["Answer", "command"]

SCHEMA = 1


class Answer(NamedTuple):
    """What the network sees in an image: every class, the likeliest first."""

    shares: list[tuple[str, float]]
    came: tuple[int, int]
    """The height and width of the image before it was fitted."""


@as_command(
    "predict",
    details=Phrase(
        "An image is brought to the size the network was trained on, as in training. "
        "Files that cannot be read are named, and the rest answered."
    ),
    examples=(
        "mirada predict runs/example image.png",
        "mirada predict runs/example image.png --top 3 --json",
    ),
)
@run_argument()
@argument(
    "images",
    Phrase("Image files, folders of images, or patterns such as '*.jpg'."),
    metavar="IMAGE...",
    nargs=-1,
    required=True,
)
@option(
    "--top",
    type=WholeNumber("--top", 1, 65536),
    metavar="N",
    default=1,
    about=Phrase("How many classes to show, the likeliest first."),
)
@flips_option()
@option(
    "--engine",
    type=click.Choice(engines.ENGINES),
    default="native",
    about=Phrase("What computes: native (compiled code), reference (slow), torch."),
)
@isa_option()
@exact_option()
@precision_option()
@device_option()
@json_option()
def command(
    run: str,
    images: tuple[str, ...],
    top: int,
    flips: bool | None,
    engine: str,
    isa: str | None,
    exact: bool,
    precision: str | None,
    device: str | None,
    as_json: bool,
) -> int:
    """Prints the likeliest class of each image; 3 when one could not be read."""
    model = trained(run)
    files = _files(images)
    computing = model.engine(
        engine,
        threads=1,
        isa=isa,
        exact=exact,
        precision=precision or "float32",
        device=device,
    )
    failures = 0
    rows: list[tuple[str, ...]] = []
    for path, header, pixels in _decoded(model, files):
        error = next((x for x in (header, pixels) if isinstance(x, DataError)), None)
        if error is not None:
            failures += 1
            _tell_failure(path, error, as_json=as_json)
            continue
        assert isinstance(header, Header) and isinstance(pixels, np.ndarray)
        answer = _answer(model, computing, header, pixels, flips)
        _tell_fitting(model, path, answer.came)
        if as_json:
            show_json({"schema": SCHEMA, "image": _text(path), **_plain(answer)})
        else:
            rows += _rows(path, answer, top)
    if rows:
        columns = (
            Column(translate("Image")),
            Column(translate("Class")),
            Column(translate("Probability"), numbers=True),
        )
        show_table(columns, rows)
    return DataError.exit_code if failures else 0


def _decoded(model: Model, files: list[Path]) -> Iterator[tuple[Path, Any, Any]]:
    """Every file with its header and its pixels, or why there are none."""
    wanted, names = model.preprocessing, list(map(str, files))
    with Decoders(workers=1 if len(files) == 1 else None) as decoders:
        headers = decoders.probe(names)
        images = decoders.decode(
            names, wanted.size, channels=wanted.channels, rule=wanted.resize
        )
        yield from zip(files, headers, images, strict=True)


def _answer(
    model: Model,
    engine: Engine,
    header: Header,
    pixels: NDArray[np.uint8],
    flips: bool | None,
) -> Answer:
    shares = model.predict(pixels[None], engine, flips=flips)[0]
    order = np.argsort(-shares, kind="stable")
    found = [(model.classes[place], float(shares[place])) for place in order]
    return Answer(found, (header.height, header.width))


def _tell_failure(path: Path, error: MiradaError, *, as_json: bool) -> None:
    """An error is told even when talk is not wanted."""
    template = translate("Error [{code}]: {message}")
    text = template.format(code=error.code, message=printable(error))
    click.echo(text, err=True)
    if as_json:
        problem = {"code": error.code, "message": printable(error)}
        show_json({"schema": SCHEMA, "image": _text(path), "error": problem})


def _tell_fitting(model: Model, path: Path, came: tuple[int, int]) -> None:
    wanted = model.preprocessing.size
    if came != wanted:
        text = translate(
            "{image}: {came} pixels, brought to the {wanted} of training "
            "(height x width)."
        )
        shapes = {"came": came, "wanted": wanted}
        shown = {name: f"{size[0]}x{size[1]}" for name, size in shapes.items()}
        say(text.format(image=_text(path), **shown))


def _plain(answer: Answer) -> dict[str, object]:
    label, probability = answer.shares[0]
    return {
        "label": label,
        "probability": round(probability, 6),
        "probabilities": {name: round(share, 6) for name, share in answer.shares},
    }


def _rows(path: Path, answer: Answer, top: int) -> Iterator[tuple[str, ...]]:
    for place, (name, share) in enumerate(answer.shares[:top]):
        yield (_text(path) if place == 0 else "", name, percent_text(share))


def _text(path: Path) -> str:
    return shown_path(path)


def _files(words: tuple[str, ...]) -> list[Path]:
    """The files that the words name: themselves, those of a folder, of a pattern."""
    found: list[Path] = []
    for word in words:
        path = Path(word)
        if path.is_dir():
            found += _inside(path) or _nothing(word)
        elif path.exists() or not glob.has_magic(word):
            found.append(path)
        else:
            matches = sorted(map(Path, glob.glob(word, recursive=True)))
            found += [p for p in matches if not p.is_dir()] or _nothing(word)
    return found


def _inside(folder: Path) -> list[Path]:
    """Every file of a folder and its subfolders that is not hidden, by name."""
    return sorted(
        path
        for path in folder.rglob("*")
        if not path.is_dir()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _nothing(word: str) -> list[Path]:
    raise DataError(
        "predict-no-files",
        "{word!r} names no file. Give an image, a folder of images, or a pattern in "
        "quotes such as 'photos/*.jpg'.",
        word=word[:200],
    )
