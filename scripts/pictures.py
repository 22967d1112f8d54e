"""Draws the pictures of the READMEs from real output: `python -m scripts.pictures RUN`.

RUN is the folder of a finished run; its curves, the summary of LeNet-5 and a window
sliding over the lecture's image are drawn, in both languages, into docs/images/.
"""

import io
import sys
import tempfile
from contextlib import redirect_stdout
from csv import DictReader
from pathlib import Path

from mirada.cli import main
from mirada.language import use_language
from mirada.training import EpochRow
from mirada.views import curves_of, training_curves, write

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_LINE, _LETTER, _MARGIN = 18, 7.85, 16
_STYLE = (
    "text{font:13px ui-monospace,'DejaVu Sans Mono',monospace;fill:#1f2328;"
    "white-space:pre}rect{fill:#f6f8fa}@media (prefers-color-scheme:dark)"
    "{text{fill:#e6edf3}rect{fill:#161b22}}"
)


def terminal(lines: list[str]) -> str:
    """Lines of text as a terminal shows them."""
    width = round(2 * _MARGIN + _LETTER * max(map(len, lines)))
    height = 2 * _MARGIN + _LINE * len(lines)
    escaped = [
        line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for line in lines
    ]
    texts = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * (place + 0.75):g}" '
        f'xml:space="preserve">{line}</text>'
        for place, line in enumerate(escaped)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">\n<style>{_STYLE}</style>\n'
        f'<rect width="{width}" height="{height}" rx="8"/>\n{texts}\n</svg>\n'
    )


def summary(language: str) -> list[str]:
    """What `mirada summary lenet5` prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        main(["--lang", language, "summary", "lenet5"])
    return ["$ mirada summary lenet5", *printed.getvalue().rstrip().splitlines()]


def window(language: str) -> str:
    """The moving figure of the lecture's filter over the lecture's image."""
    image = "1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"
    words = ["convolve", image, "--kernel", "1 0 1; 0 1 0; 1 0 1", "--animate"]
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        main(["--lang", language, *words, "--out", folder])
        return (Path(folder) / "figure.svg").read_text(encoding="utf-8")


def rows(run: Path) -> list[EpochRow]:
    """The epochs of a run."""
    with (run / "results.csv").open() as stream:
        return [
            EpochRow(
                epoch=int(row["epoch"]),
                step=int(row["step"]),
                learning_rate=float(row["learning_rate"]),
                train_loss=float(row["train_loss"]),
                train_accuracy=float(row["train_accuracy"]),
                validation_loss=float(row["validation_loss"]),
                validation_accuracy=float(row["validation_accuracy"]),
                best=row["best"] == "1",
            )
            for row in DictReader(stream)
        ]


def draw(run: Path) -> None:
    """Writes the pictures in both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for language in ("en", "es"):
        use_language(language)
        picture = write(training_curves(curves_of(rows(run))))
        (IMAGES / f"curves.{language}.svg").write_text(picture, encoding="utf-8")
        shown = terminal(summary(language))
        (IMAGES / f"summary.{language}.svg").write_text(shown, encoding="utf-8")
        moving = window(language)
        (IMAGES / f"window.{language}.svg").write_text(moving, encoding="utf-8")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
