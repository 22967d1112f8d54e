"""`mirada check`: corrects a person's table of sizes and parameters."""

import sys
from pathlib import Path

import click

from mirada.analysis.checking import check
from mirada.cli.check_folder import check_folder
from mirada.cli.check_table import piped_rows, table_rows, typed_rows
from mirada.cli.check_text import show_check
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.networks import NetworkName, classes_option, input_option
from mirada.cli.output import show, show_json
from mirada.errors import DataError, Phrase, UsageError
from mirada.network import Network, Shape
from mirada.tasks.filled_table import blank_table
from mirada.tasks.networks import described

__all__ = ["command"]


@as_command(
    "check",
    details=Phrase(
        "TABLE is a CSV with the columns layer, size and parameters; cells may be "
        "empty. Layers go by the network's names or by kind and number (conv1, Conv 1, "
        "POOL2, FC3), and there may be rows for the input and the total; a size is "
        "written 28x28x6, 6x28x28, (28,28,6), 28 or 400, a number also as a formula: "
        "(5*5*3+1)*6. For a wrong cell the mistake is named where its arithmetic gives "
        "that number. Without TABLE the cells are asked for one by one; a folder is a "
        "class: every table in it is graded, with --out into a CSV. The exit code is 7 "
        "where something is wrong."
    ),
    examples=(
        "mirada check --template --network lenet5_lecture",
        "mirada check table.csv --network lenet5_lecture",
        "mirada check table.csv --network lenet5_lecture --json",
        "mirada check class --network lenet5_lecture --out grades.csv",
    ),
)
@argument(
    "table",
    Phrase("The table, a folder of tables, or - for a table on stdin."),
    required=False,
    metavar="[TABLE]",
)
@option(
    "--network",
    required=True,
    type=NetworkName(),
    metavar="FILE|MODEL",
    about=Phrase("What the table is about: a description or a known network's name."),
)
@input_option()
@classes_option()
@option("--template", is_flag=True, about=Phrase("Print an empty table to fill in."))
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    about=Phrase("With a folder: the CSV that the grades are written to."),
)
@json_option()
def command(
    table: str | None,
    network: str,
    input_shape: Shape | None,
    classes: int | None,
    template: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """Judges the table; 7 where something is wrong."""
    is_folder = table is not None and table != "-" and Path(table).is_dir()
    _require_fitting(table, template, out, is_folder, as_json)
    known = described(network, input_shape, classes).network
    if template:
        show(blank_table(known))
        return 0
    if is_folder and table is not None:
        return check_folder(known, Path(table), out, as_json=as_json)
    return _judged(known, table, as_json)


def _judged(network: Network, table: str | None, as_json: bool) -> int:
    if table is None or (table == "-" and sys.stdin.isatty()):
        rows = typed_rows(network)
    else:
        rows = piped_rows() if table == "-" else table_rows(Path(table))
    found = check(network, rows)
    if not found.cells:
        raise DataError(
            "check-nothing",
            "There is nothing to check: no size and no number of parameters is filled "
            "in. Fill in at least one cell.",
        )
    if as_json:
        show_json(found.to_dict())
    else:
        show_check(found)
    return 7 if found.wrong else 0


def _require_fitting(
    table: str | None, template: bool, out: Path | None, is_folder: bool, as_json: bool
) -> None:
    if template and (table is not None or out is not None or as_json):
        raise UsageError(
            "check-template",
            "--template prints an empty table and takes neither a table, --out nor "
            "--json. Leave them out, as in: mirada check --template --network lenet5",
        )
    if out is not None and not is_folder:
        raise UsageError(
            "check-out",
            "--out is for the grades of a folder of tables. Give a folder, or leave "
            "--out away; --json is for programs.",
        )
