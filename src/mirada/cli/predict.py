"""`mirada predict`: what a trained network sees in images."""

import glob
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import Column, printable, say, show_json, show_table
from mirada.cli.trained import run_argument, trained
from mirada.data.decoding import probe
from mirada.errors import DataError, MiradaError, Phrase
from mirada.language import translate
from mirada.training import Model

__all__ = ["command"]

SCHEMA = 1


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
@json_option()
def command(run: str, images: tuple[str, ...], top: int, as_json: bool) -> int:
    """Prints the likeliest class of each image; 3 when one could not be read."""
    model = trained(run)
    failures = 0
    rows: list[tuple[str, ...]] = []
    for path in _files(images):
        try:
            answer = _answer(model, path)
        except MiradaError as error:
            failures += 1
            say(f"{path}: {error}")
            if as_json:
                problem = {"code": error.code, "message": printable(error)}
                show_json({"schema": SCHEMA, "image": str(path), "error": problem})
            continue
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


Answer = list[tuple[str, float]]


def _answer(model: Model, path: Path) -> Answer:
    """Every class with its probability, the likeliest first."""
    pixels = model.preprocessing.pixels(path)
    _tell_resize(model, path)
    shares = model.predict(pixels[None])[0]
    order = np.argsort(-shares, kind="stable")
    return [(model.classes[place], float(shares[place])) for place in order]


def _tell_resize(model: Model, path: Path) -> None:
    wanted, header = model.preprocessing.size, probe(path)
    came = (header.height, header.width)
    if came != wanted:
        text = translate(
            "{image}: {came} pixels, brought to the {wanted} of training "
            "(height x width)."
        )
        shapes = {"came": came, "wanted": wanted}
        shown = {name: f"{size[0]}x{size[1]}" for name, size in shapes.items()}
        say(text.format(image=_text(path), **shown))


def _plain(answer: Answer) -> dict[str, object]:
    label, probability = answer[0]
    shares = {name: round(share, 6) for name, share in answer}
    return {
        "label": label,
        "probability": round(probability, 6),
        "probabilities": shares,
    }


def _rows(path: Path, answer: Answer, top: int) -> Iterator[tuple[str, ...]]:
    for place, (name, share) in enumerate(answer[:top]):
        yield (_text(path) if place == 0 else "", name, f"{share:.4f}")


def _text(path: Path) -> str:
    return printable(str(path).encode(errors="replace").decode(errors="replace"))


def _files(words: tuple[str, ...]) -> list[Path]:
    """The files that the words name: themselves, those of a folder, of a pattern."""
    found: list[Path] = []
    for word in words:
        path = Path(word)
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.is_file())
            if not inside:
                raise _nothing(word)
            found += inside
        elif path.exists() or not glob.has_magic(word):
            found.append(path)
        else:
            matches = sorted(map(Path, glob.glob(word, recursive=True)))
            if not matches:
                raise _nothing(word)
            found += matches
    return found


def _nothing(word: str) -> DataError:
    return DataError(
        "predict-no-files",
        "{word!r} names no file. Give an image, a folder of images, or a pattern in "
        "quotes such as 'photos/*.jpg'.",
        word=word[:200],
    )
