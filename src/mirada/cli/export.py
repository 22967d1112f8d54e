"""`mirada export`: a trained network as something that needs no mirada."""

from pathlib import Path

import click

from mirada.cli.command import as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import bytes_text, say, show, show_json
from mirada.cli.trained import run_argument
from mirada.data.naming import shown_path
from mirada.errors import Phrase
from mirada.export import FORMATS, Exported, require_place
from mirada.language import translate
from mirada.tasks.subject import Subject
from mirada.tasks.taken_away import parity_text, stage_text, taken_away

__all__ = ["command"]

SCHEMA = 1
_WRONG = 7


@as_command(
    "export",
    details=Phrase(
        "What is written is used at once on images that the run did not see, and held "
        "to what the network means, computed in float64. Where it is off by more than "
        "rounding explains, nothing is written and the exit code is 7. Formats: torch "
        "(a PyTorch module in plain Python), onnx (one ONNX file, from pixels to "
        "probabilities), weights (one safetensors file), "
        "description (TOML, JSON and Python, without weights)."
    ),
    examples=(
        "mirada export runs/example --to torch",
        "mirada export runs/example --to onnx --out digits-onnx",
        "mirada export runs/example --to weights --out digits-weights --json",
        "mirada export runs/example --to description --out digits-network",
    ),
)
@run_argument()
@option(
    "--to",
    type=click.Choice(tuple(FORMATS)),
    default="torch",
    about=Phrase("What to export to; torch unless given."),
)
@option(
    "--out",
    metavar="DIR",
    about=Phrase("The folder to write into; RUN-FORMAT unless given."),
)
@option(
    "--data",
    metavar="DATA",
    about=Phrase("Images to compare on; those that the run held out unless given."),
)
@option(
    "--images",
    type=WholeNumber("--images", 1, 10_000),
    metavar="N",
    about=Phrase("How many images to compare on; else what takes some ten seconds."),
)
@json_option()
def command(
    run: str,
    to: str,
    out: str | None,
    data: str | None,
    images: int | None,
    as_json: bool,
) -> int:
    """Writes the files; 7 where they do not compute what the network means."""
    subject = Subject(run)
    folder = Path(f"{Path(run).resolve().name}-{to}" if out is None else out)
    require_place(folder)
    found = taken_away(
        subject,
        to,
        folder,
        source=data,
        images=images,
        stage=lambda name: say(stage_text(name)),
    )
    if as_json:
        show_json(_plain(found, to, folder))
    else:
        _show(found, to, folder)
    return 0 if found.passed else _WRONG


def _plain(found: Exported, to: str, folder: Path) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "to": to,
        "passed": found.passed,
        "files": [str(folder / name) for name in found.files],
        "bytes": sum(found.files.values()),
        "parity": found.parity.to_dict(),
        "engine": found.engine.to_dict(),
    }


def _show(found: Exported, to: str, folder: Path) -> None:
    for line in parity_text(to, found.engine, found.parity):
        show(line)
    show()
    if not found.files:
        show(translate("Nothing was written."))
        return
    text = translate("Written to {folder}:")
    show(text.format(folder=shown_path(folder)))
    for name, size in found.files.items():
        show(f"  {name} ({bytes_text(size)})")
