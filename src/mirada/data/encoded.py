"""What a decoder takes: the path of a plain file, or content that is no file."""

from typing import NamedTuple

__all__ = ["Content", "Encoded"]


class Content(NamedTuple):
    """An encoded image that is no file of its own: what it is called, and its bytes."""

    name: str
    data: bytes


Encoded = str | Content
"""An encoded image: the path of a plain file, or its content."""
