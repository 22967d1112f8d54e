"""The command line. `main` is what `mirada` and `python -m mirada` run."""

import sys

from mirada.version import __version__

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and gives its exit code (the table is in `cli/failure.py`)."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        print(f"mirada {__version__}")
        return 0
    # Everything else needs click; the version is answered before it is loaded.
    from mirada.cli.shell import run

    return run(words)
