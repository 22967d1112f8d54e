"""An image's way through every layer: the answer and the maps."""

from pathlib import Path

from mirada.cli.look_subject import Picture, Subject

__all__ = ["show"]


def show(
    subject: Subject,
    picture: Picture,
    layer: str | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError
