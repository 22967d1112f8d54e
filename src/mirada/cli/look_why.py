"""Why the network answers as it does, and how far the picture can be trusted."""

from pathlib import Path

from mirada.cli.look_subject import Picture, Subject

__all__ = ["show"]


def show(
    subject: Subject,
    picture: Picture,
    method: str,
    layer: str | None,
    place: int | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError
