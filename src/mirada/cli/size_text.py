"""What `mirada size` prints for one window, in words and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from mirada.analysis import Same, TransposedSize, WindowSize
from mirada.analysis.size import formula_text
from mirada.analysis.transposed import transposed_text
from mirada.cli.output import Column, show, show_table
from mirada.cli.size_asked import Along, Asked
from mirada.language import translate

__all__ = ["kind_of", "letters", "lines", "plain", "plain_size", "show_meanings"]


def lines(asked: Asked, answers: Sequence[Along]) -> Iterator[str]:
    """The formula, its substitution, what rounding did, and the size."""
    sizes = [along.size for along in answers]
    yield letters(*sizes)
    if len(sizes) == 1:
        yield f"O = {sizes[0].formula}"
        yield from map(str, sizes[0].sentences)
        yield translate("Output: {size}").format(size=sizes[0].output)
    else:
        for name, size in zip(
            (translate("Height"), translate("Width")), sizes, strict=True
        ):
            yield f"{name}: O = {size.formula}"
            yield from (f"  {sentence}" for sentence in size.sentences)
        yield translate("Output: {size} (height x width)").format(
            size="x".join(str(size.output) for size in sizes)
        )
    if asked.pool:
        yield translate(
            "A pooling learns nothing: 0 parameters. Channels stay as they are."
        )


def letters(*sizes: WindowSize | TransposedSize) -> str:
    """The formula in letters, with dilation where a window has some."""
    dilated = any(size.window.dilation > 1 for size in sizes)
    form = transposed_text if isinstance(sizes[0], TransposedSize) else formula_text
    return form(dilated=dilated)


def show_meanings(meanings: Sequence[Same]) -> None:
    """Prints the three meanings of "same" side by side."""
    show()
    show(translate("'same' has three meanings:"))
    columns = (
        Column(translate("Name")),
        Column(translate("Where")),
        Column(translate("Padding"), numbers=True),
        Column(translate("Output"), numbers=True),
        Column(translate("Total padding")),
    )
    show_table(columns, map(_meaning, meanings))
    if meanings[0].unclamped < 0:
        show(
            translate(
                "Without the max, formula sheets get {total}: a padding is never "
                "negative, so 0 is used."
            ).format(total=meanings[0].unclamped)
        )


def _meaning(same: Same) -> tuple[str, ...]:
    output = translate("stride 1 only") if same.output is None else str(same.output)
    return same.mode, same.spoken_by, f"{same.start}|{same.end}", output, same.formula


def kind_of(asked: Asked) -> str:
    """What the window is of: "conv", "pool" or "transposed"."""
    if asked.transposed:
        return "transposed"
    return "pool" if asked.pool else "conv"


def plain(asked: Asked, answers: Sequence[Along]) -> dict[str, Any]:
    """The answer as JSON has it; along two axes each has an object of its own."""
    axes = [_plain_axis(along) for along in answers]
    if len(axes) == 1:
        return {**axes[0], "kind": kind_of(asked)}
    height, width = ({k: v for k, v in a.items() if k != "schema"} for a in axes)
    return {
        "schema": axes[0]["schema"],
        "kind": kind_of(asked),
        "output_shape": [along.size.output for along in answers],
        "height": height,
        "width": width,
    }


def _plain_axis(along: Along) -> dict[str, Any]:
    same = [meaning.to_dict() for meaning in along.meanings]
    return {**plain_size(along.size), **({"same": same} if same else {})}


def plain_size(size: WindowSize | TransposedSize) -> dict[str, Any]:
    """One size as JSON has it, with what people are told about it."""
    return {**size.to_dict(), "sentences": [str(told) for told in size.sentences]}
