"""`mirada size I --want O`: every window that gives the size, the simplest first."""

from collections.abc import Iterator, Sequence
from typing import Any

from mirada.analysis import (
    TransposedSize,
    WindowSize,
    Within,
    transposed_giving,
    windows_giving,
)
from mirada.analysis.size import SCHEMA
from mirada.cli.output import Column, show, show_json, show_lines, show_table
from mirada.cli.size_asked import Asked
from mirada.cli.size_text import kind_of, letters, plain_size
from mirada.cli.size_words import Length, Sides
from mirada.errors import UsageError
from mirada.language import translate

__all__ = ["show_wanted"]

_MOST_ROWS = 24

Sizes = Sequence[WindowSize] | Sequence[TransposedSize]


def show_wanted(asked: Asked, want: Length, *, as_json: bool) -> None:
    """Prints the windows that make `want` of the input.

    Raises `UsageError` where a question is about two axes or about "same" itself.
    """
    pairs = [*asked.pairs, *(["want"] if isinstance(want, tuple) else [])]
    if pairs or asked.same:
        raise UsageError(
            "want-one-axis",
            "--want searches along one axis and takes one number for each option; got "
            "{options}. Ask for height and for width, each on its own.",
            options=", ".join(_spelled(name) for name in pairs or ["same"]),
        )
    assert isinstance(asked.length, int) and isinstance(want, int)
    within = _within(asked)
    giving = transposed_giving if asked.transposed else windows_giving
    found: Sizes = giving(asked.length, want, within)
    if as_json:
        show_json(_plain(asked, want, within, found))
        return
    _show(asked, want, within, found)


def _spelled(name: str) -> str:
    return "I" if name == "length" else f"--{name.replace('_', '-')}"


def _within(asked: Asked) -> Within:
    usual = Within()
    extra = asked.output_padding
    assert extra is None or isinstance(extra, int)
    return Within(
        kernels=_range(asked.kernel, usual.kernels),
        strides=_range(asked.stride, usual.strides),
        dilations=_range(asked.dilation, usual.dilations),
        padding=None if asked.padding is None else asked.sides(0),
        output_padding=extra,
        ceil=asked.ceil,
        pool=asked.pool,
    )


def _range(given: Length | None, usual: range) -> range:
    if given is None:
        return usual
    assert not isinstance(given, tuple)
    return given if isinstance(given, range) else range(given, given + 1)


def _show(asked: Asked, want: int, within: Within, found: Sizes) -> None:
    if not found:
        show_lines(_none(asked, want, within))
        return
    show(
        translate("Windows that give {want} from {length}, the simplest first:").format(
            want=want, length=asked.length
        )
    )
    show()
    show(letters(*found))
    show_table(_columns(asked), (_row(asked, size) for size in found[:_MOST_ROWS]))
    show()
    more = len(found) - _MOST_ROWS
    if more > 0:
        show(
            translate(
                "and {count} more: fix --kernel, --stride or --padding to see them, or "
                "ask for --json."
            ).format(count=more)
        )
    show_lines([_tried(within), *_order(asked)])


def _columns(asked: Asked) -> tuple[Column, ...]:
    last = Column(translate("Output padding"), numbers=True)
    return (
        Column(translate("Kernel"), numbers=True),
        Column(translate("Stride"), numbers=True),
        Column(translate("Padding"), numbers=True),
        *([Column(translate("Dilation"), numbers=True)] if asked.dilation else ()),
        *([last] if asked.transposed else ()),
        Column(translate("Substitution")),
        Column(translate("Overlap") if asked.transposed else translate("Unread")),
    )


def _row(asked: Asked, size: WindowSize | TransposedSize) -> tuple[str, ...]:
    w = size.window
    extra = [str(size.output_padding)] if isinstance(size, TransposedSize) else []
    return (
        str(w.size),
        str(w.stride),
        _sides((w.start, w.end)),
        *([str(w.dilation)] if asked.dilation else []),
        *extra,
        size.formula,
        _overlap(size) if isinstance(size, TransposedSize) else _unread(size),
    )


def _overlap(size: TransposedSize) -> str:
    """How the windows meet in the output, in a word."""
    words = {
        "even": translate("even"),
        "uneven": translate("uneven"),
        "holes": translate("holes"),
    }
    return words[size.overlap]


def _unread(size: WindowSize) -> str:
    """What no window reads, in a word."""
    if size.gaps is not None:
        return translate("pixels in between")
    if size.dropped_pixels:
        return translate("{count} at the end").format(count=size.dropped_pixels)
    return translate("only padding") if size.dropped else translate("nothing")


def _tried(within: Within) -> str:
    """Where was looked."""
    return translate(
        "Tried: kernel {kernels}, stride {strides}, dilation {dilations}, padding "
        "{paddings}."
    ).format(
        kernels=_span(within.kernels),
        strides=_span(within.strides),
        dilations=_span(within.dilations),
        paddings=_paddings(within),
    )


def _span(values: range) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]}..{values[-1]}"


def _paddings(within: Within) -> str:
    if within.padding is None:
        return translate("up to half the window at each end")
    sides = within.padding
    return sides if isinstance(sides, str) else _sides(sides)


def _sides(sides: Sides) -> str:
    start, end = sides
    return str(start) if start == end else f"{start}|{end}"


def _order(asked: Asked) -> Iterator[str]:
    if asked.transposed:
        yield translate(
            "Order: no holes, symmetric padding, little output padding, little "
            "padding, little dilation, even overlap, small kernel, small stride."
        )
        return
    yield translate(
        "Order: every pixel read, symmetric padding, little padding, little dilation, "
        "exact before rounded, small kernel, small stride. Uneven padding has its "
        "larger half at the end; the other way round gives the same size."
    )


def _none(asked: Asked, want: int, within: Within) -> Iterator[str]:
    length = asked.length
    assert isinstance(length, int)
    yield translate("No window gives {want} from {length}.").format(
        want=want, length=length
    )
    yield _tried(within)
    if want <= length and not asked.transposed:
        kernel = length - want + 1
        yield translate(
            "A kernel of {kernel} with stride 1 and no padding always does: "
            "{length} - {kernel} + 1 = {want}."
        ).format(kernel=kernel, length=length, want=want)
    elif not asked.transposed:
        yield translate(
            "A window makes a map larger only by its padding; --transposed enlarges."
        )


def _plain(asked: Asked, want: int, within: Within, found: Sizes) -> dict[str, Any]:
    sides = within.padding
    return {
        "schema": SCHEMA,
        "kind": kind_of(asked),
        "input": asked.length,
        "want": want,
        "tried": {
            "kernel": [within.kernels[0], within.kernels[-1]],
            "stride": [within.strides[0], within.strides[-1]],
            "dilation": [within.dilations[0], within.dilations[-1]],
            "padding": list(sides) if isinstance(sides, tuple) else sides,
        },
        "solutions": [
            {k: v for k, v in plain_size(size).items() if k != "schema"}
            for size in found
        ],
    }
