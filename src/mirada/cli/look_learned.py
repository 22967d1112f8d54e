"""What one layer has learned: filters, best patches, dead units."""

from pathlib import Path

from mirada.cli.look_subject import Subject

__all__ = ["show"]


def show(
    subject: Subject, layer: str, source: str | None, folder: Path, *, as_json: bool
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError
