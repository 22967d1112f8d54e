"""`mirada data`: what a source of images holds, and what to know before training."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.data_text import report_lines, show_classes
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import say, show, show_json
from mirada.cli.output_folder import write_into
from mirada.cli.report_folder import PREVIEW, REPORT, SHEET, report_folder
from mirada.data.contact_sheet import contact_sheet
from mirada.data.naming import shown_path
from mirada.data.report import SCHEMA, DataReport, report_on
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.tasks.preview import Preview
from mirada.training import Wishes

__all__ = ["command"]


@as_command(
    "data",
    details=Phrase(
        "PATH is whatever 'mirada train' takes. Every image is decoded; each file is "
        "used or left out with a reason. Told are copies, exact or near, images in "
        "more than one part or class, and what else spoils training. data_report.json "
        "and contact_sheet.png are written to ./data-report unless --out names another "
        "folder; with --json only where --out does. With --preview the picture is "
        "preview.png: a batch as the network sees it, with the untouched images beside."
    ),
    examples=(
        "mirada data digits",
        "mirada data flowers --out flowers-report",
        "mirada data photos --all --no-files",
        "mirada data photos --preview --augment 'crop 2, flip' --size 32",
        "mirada data mnist --json",
    ),
)
@argument("source", Phrase("The images, as for 'mirada train'."), metavar="PATH")
@option("--out", metavar="DIR", about=Phrase("The folder to write into."))
@option("--no-files", is_flag=True, about=Phrase("Write nothing."))
@option(
    "--all",
    "every",
    is_flag=True,
    about=Phrase("List every file and every warning, not the first of each kind."),
)
@option(
    "--preview",
    is_flag=True,
    about=Phrase("Draw a batch as the network sees it, instead of the report."),
)
@option(
    "--augment",
    metavar="TEXT|auto|none",
    about=Phrase("With --preview: the changes, as for 'mirada train'."),
)
@option(
    "--size",
    type=WholeNumber("--size", 1, 4096),
    metavar="N",
    about=Phrase("With --preview: the side that images are read at."),
)
@option(
    "--network",
    metavar="NETWORK",
    about=Phrase("With --preview: the network whose input is shown."),
)
@json_option()
def command(
    source: str,
    out: str | None,
    no_files: bool,
    every: bool,
    preview: bool,
    augment: str | None,
    size: int | None,
    network: str | None,
    as_json: bool,
) -> None:
    """Prints the report, or draws the preview."""
    _require_fitting(preview, no_files, out, (augment, size, network))
    if preview:
        folder = report_folder(out, source)
        order = Order(network or AUTOMATIC, source, size, Wishes(augment=augment))
        found = Preview(prepare(order))
        (path,) = write_into(folder, {PREVIEW: found.png()})
        if as_json:
            show_json({"schema": SCHEMA, "preview": str(path), **found.to_dict()})
        else:
            _tell_written([path])
        return
    is_silent = no_files or (as_json and out is None)
    chosen = None if is_silent else report_folder(out, source)
    if not as_json:
        text = translate("Reading the images of {source} ...")
        say(text.format(source=shown_path(source)))
    report = report_on(source)
    plain = report.to_dict()
    written = [] if chosen is None else write_into(chosen, _files(report, plain))
    if as_json:
        show_json({**plain, "written": [str(path) for path in written]})
        return
    show_classes(report)
    for line in report_lines(report, every=every):
        show(line)
    _tell_written(written)


def _files(report: DataReport, plain: dict[str, Any]) -> dict[str, bytes]:
    files = {REPORT: json.dumps(plain, indent=1).encode("ascii")}
    if len(report.survey):
        files[SHEET] = contact_sheet(report)
    return files


def _require_fitting(
    preview: bool, no_files: bool, out: str | None, drawn: Sequence[object]
) -> None:
    if not preview and any(value is not None for value in drawn):
        raise UsageError(
            "data-without-preview",
            "--augment, --size and --network say what --preview draws. Add --preview, "
            "or leave them out.",
        )
    if no_files and (preview or out is not None):
        raise UsageError(
            "data-no-files",
            "--no-files writes nothing, but --out and --preview ask for files. Leave "
            "one of them out.",
        )


def _tell_written(paths: Sequence[Path]) -> None:
    if paths:
        text = translate("Written: {paths}")
        show()
        show(text.format(paths=", ".join(shown_path(path) for path in paths)))
