"""Finds files and functions that have grown too long to be read in one go.

A file of more than 600 lines fails, one of more than 300 is listed. A function of more
than 60 lines fails unless a comment in it, or on the line above it, says `long because`
and why.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["FOLDERS", "long_files", "long_functions", "main", "sources"]

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "tests", "scripts", "benchmarks", "docs")

FILE_LISTED = 300
FILE_FAILS = 600
FUNCTION_WANTS_REASON = 60
REASON = "long because"


def sources(root: Path = ROOT) -> list[Path]:
    """Every Python and JavaScript file of ours, vendored ones left out."""
    found = (p for f in FOLDERS for p in sorted((root / f).rglob("*.[pj][ys]")))
    return [path for path in found if "vendor" not in path.parts]


def long_files(lines: int, root: Path = ROOT) -> Iterator[tuple[Path, int]]:
    """The files of more than `lines` lines, each with its length."""
    for path in sources(root):
        length = len(path.read_text("utf-8").splitlines())
        if length > lines:
            yield path.relative_to(root), length


def long_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """The name, line and length of every long function that gives no reason."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        end = node.end_lineno or node.lineno
        length = end - node.lineno + 1
        start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        comments = [x for x in lines[max(start - 2, 0) : end] if "#" in x]
        has_reason = any(REASON in comment for comment in comments)
        if length > FUNCTION_WANTS_REASON and not has_reason:
            yield node.name, node.lineno, length


def main() -> int:
    """Prints what is long; 1 where something is too long."""
    failed = False
    for path, length in long_files(FILE_LISTED):
        too_long = length > FILE_FAILS
        failed |= too_long
        print(f"{path}: {length} lines{': over 600, split it' if too_long else ''}")
    for path in (p for p in sources() if p.suffix == ".py"):
        for name, line, length in long_functions(path.read_text("utf-8")):
            failed = True
            where = f"{path.relative_to(ROOT)}:{line}"
            print(f"{where}: {name} has {length} lines and no '# ... {REASON} ...'")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
