"""What `mirada convolve` is given: an image or a matrix, and a kernel."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.cli.matrix_text import SUFFIXES, looks_typed, parse_matrix, read_matrix
from mirada.cli.output import say
from mirada.data.naming import shown_path
from mirada.data.pool import Decoders
from mirada.errors import Phrase, UsageError
from mirada.inspection.kernels import Kernel, named_kernel
from mirada.language import translate
from mirada.tasks.photo import Photo, read_photo

__all__ = ["Given", "given_image", "given_kernel", "window_size_of"]

MOST_PIXELS = 4_000_000
"""A larger photo is brought down: every map of it is held in float64."""

_NAME = re.compile(r"[a-z][a-z-]*", re.ASCII | re.IGNORECASE)
_SIDES = re.compile(r"([0-9]{1,3})(?:x([0-9]{1,3}))?", re.ASCII)

Numbers = NDArray[Any]


class Given(NamedTuple):
    """The image: its name, its values (c, h, w), and whether it is a photo."""

    name: str
    values: Numbers
    is_photo: bool


def given_image(word: str) -> Given:
    """The photo or the matrix that a word names, or the matrix that it writes out.

    Raises DataError for a file that cannot be read as either, and what `parse_matrix`
    does.
    """
    path = Path(word)
    is_file = "\0" not in word and len(word) < 4096 and _exists(path)
    if not is_file and looks_typed(word):
        return Given("", parse_matrix(word), is_photo=False)
    if path.suffix.lower() in SUFFIXES:
        return Given(shown_path(path), read_matrix(path), is_photo=False)
    return _photo(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for the file system
        return False


def _photo(path: Path) -> Given:
    """An image file at its own size, in grey or RGB; a very large one smaller."""
    with Decoders(workers=1) as decoders:
        photo = read_photo(str(path), decoders, MOST_PIXELS)
    if photo.is_smaller:
        _tell_smaller(path, photo)
    values = np.moveaxis(photo.pixels, 2, 0).astype(np.int64)
    return Given(shown_path(path), values, is_photo=True)


def _tell_smaller(path: Path, photo: Photo) -> None:
    template = translate(
        "{image}: {came} pixels, brought down to {size} (height x width)."
    )
    say(
        template.format(
            image=shown_path(path),
            came=f"{photo.header.height}x{photo.header.width}",
            size="x".join(map(str, photo.pixels.shape[:2])),
        )
    )


def given_kernel(
    words: Sequence[str], **options: float | None
) -> tuple[Numbers, list[Kernel]]:
    """The kernel (slices, height, width) that the words name or write out, in order.

    Also those that were named, each once. Raises UsageError: `kernel-slices`, those of
    `named_kernel` and of `parse_matrix`.
    """
    slices: list[Numbers] = []
    named: list[Kernel] = []
    for word in words:
        if _NAME.fullmatch(word.strip()):
            named.append(named_kernel(word.strip().lower(), **options))
            slices.append(named[-1].values[None])
        else:
            slices.append(_typed_slice(word))
    if not named:
        _refuse_options(options)
    shapes = {one.shape[1:] for one in slices}
    if len(shapes) > 1:
        raise UsageError(
            "kernel-slices",
            "All slices of a kernel must have the same height and width; these are "
            "{shapes}.",
            shapes=", ".join("x".join(map(str, one.shape[1:])) for one in slices),
        )
    return np.concatenate(slices), [*{one.name: one for one in named}.values()]


def _typed_slice(word: str) -> Numbers:
    """A slice that is written out; what is wrong with it names the kernel."""
    try:
        return parse_matrix(word)
    except UsageError as error:
        where = Phrase(" in the kernel {kernel!r}", kernel=word[:60])
        raise error.told(where=where) from None


def _refuse_options(options: dict[str, float | None]) -> None:
    """Options that shape a named kernel say nothing about one that is written out."""
    given = sorted(name for name, value in options.items() if value is not None)
    if given:
        raise UsageError(
            "kernel-written-out",
            "{given} shapes a kernel that is known by name; this one is written out. "
            "Leave it out, or name a kernel.",
            given=", ".join(f"--{name}" for name in given),
        )


def window_size_of(words: Sequence[str]) -> tuple[int, int]:
    """The height and width of a pooling window; UsageError (`pool-kernel`)."""
    found = _SIDES.fullmatch(words[0].strip()) if len(words) == 1 else None
    sides = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if min(sides) < 1:
        raise UsageError(
            "pool-kernel",
            "With --pool, --kernel is the size of the window, as in --kernel 2 or "
            "--kernel 2x3; got {words}.",
            words=Phrase("{count} kernels", count=len(words))
            if len(words) > 1
            else repr(words[0][:60]),
        )
    return sides
