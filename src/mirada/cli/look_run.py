"""A whole run in one page: how it learned, what it learned, where it is wrong."""

from pathlib import Path

from mirada.cli.look_subject import Subject

__all__ = ["show"]


def show(
    subject: Subject, source: str | None, out: Path | None, *, as_json: bool
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError
