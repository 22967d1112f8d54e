"""One number of a layer on one image, with its window, its weights and its sum."""

from mirada.cli.look_subject import Picture, Subject

__all__ = ["show"]


def show(
    subject: Subject,
    picture: Picture,
    layer: str,
    place: tuple[int, ...],
    *,
    as_json: bool,
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError
