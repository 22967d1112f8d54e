"""A layer in words: what it does, whether it learns, and each number with its sum."""

from collections.abc import Iterator
from math import exp

from mirada.analysis.arithmetic import Count, Worked, times
from mirada.analysis.field_sum import FieldSum
from mirada.analysis.parameters import fully_connected_equivalent
from mirada.analysis.purpose import does, why
from mirada.analysis.receptive import ReceptiveField
from mirada.analysis.size import WindowSize
from mirada.analysis.summary import LayerSummary
from mirada.analysis.transposed import TransposedSize
from mirada.errors import Phrase
from mirada.network import (
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Multiply,
    Softmax,
    Upsample,
)
from mirada.network.layer import shape_text

__all__ = ["explain"]


def explain(row: LayerSummary) -> Iterator[Phrase]:
    """The sentences that explain a layer, in order.

    What it is and does; its shape; whether it learns, and why; its MACs, and what the
    same mapping would take without sharing weights; its receptive field.

    >>> from mirada.analysis import summarize
    >>> from mirada.models import lenet5_lecture
    >>> pool = list(explain(summarize(lenet5_lecture()).layer("maxpool2")))
    >>> print(pool[1], pool[2], pool[-1], sep="\\n")
    height and width: (10 - 2 + 0 + 0)/2 + 1 = 5; exact: nothing is dropped
    channels: 16 as before; each is pooled by itself
    from one output to the next the field moves by 2*2 = 4; the first begins at (0, 0)
    """
    yield does(row.layer)
    yield from _sizes(row.sizes)
    yield _shape(row)
    if isinstance(row.layer, Softmax):
        yield _softmax_example((1, 2, 3), 999)
    yield _learned(row)
    if row.operations.macs:
        yield Phrase(
            "multiplications with their additions (MACs): {formula}",
            formula=Worked(row.operations.formula),
        )
    else:
        yield Phrase("multiplications with their additions (MACs): 0")
    yield from _without_sharing(row)
    yield from _field(row)


def _softmax_example(scores: tuple[int, ...], more: int) -> Phrase:
    """What softmax makes of some scores, and that equal steps give equal shares."""
    powers = [exp(score - max(scores)) for score in scores]
    return Phrase(
        "e^y_i / (e^y_1 + ... + e^y_n): the scores {scores} become {shares}, and so do "
        "{larger}: only differences count",
        scores=", ".join(map(str, scores)),
        shares=", ".join(f"{power / sum(powers):.4f}" for power in powers),
        larger=", ".join(str(score + more) for score in scores),
    )


def _sizes(sizes: tuple[WindowSize | TransposedSize, ...]) -> Iterator[Phrase]:
    if not sizes:
        return
    height, width = sizes
    if height == width:
        yield Phrase("height and width: {size}", size=_size(height))
    else:
        yield Phrase("height: {size}", size=_size(height))
        yield Phrase("width: {size}", size=_size(width))
    yield from dict.fromkeys((*height.sentences[1:], *width.sentences[1:]))


def _size(size: WindowSize | TransposedSize) -> str:
    return f"{size.formula}; {size.sentences[0]}"


def _shape(row: LayerSummary) -> Phrase:
    """The rest of the output's shape: channels, length, or that it stays."""
    layer, shape, output = row.layer, row.input_shapes[0], row.output_shape
    if isinstance(layer, Conv2d | ConvTranspose2d):
        return _filters(layer, shape[0])
    if isinstance(layer, GlobalAvgPool2d):
        return Phrase(
            "channels: {count} as before, each now one number", count=shape[0]
        )
    if row.sizes:
        return Phrase(
            "channels: {count} as before; each is pooled by itself", count=shape[0]
        )
    if isinstance(layer, Flatten):
        return Phrase(
            "length: {product} = {count}", product=times(*shape), count=output[0]
        )
    if isinstance(layer, Linear):
        return Phrase(
            "length: {outputs}, and each of them sees all {inputs} inputs",
            outputs=output[0],
            inputs=shape[0],
        )
    if isinstance(layer, Upsample):
        return Phrase(
            "height: {height}; width: {width}",
            height=f"{layer.scale[0]}*{shape[1]} = {output[1]}",
            width=f"{layer.scale[1]}*{shape[2]} = {output[2]}",
        )
    if isinstance(layer, Concat):
        return _stacked(row)
    if isinstance(layer, Multiply) and len(set(row.input_shapes)) > 1:
        return Phrase(
            "shape: {shape}; the number of a gate goes over all pixels of its channel",
            shape=shape_text(output),
        )
    return Phrase("shape: {shape} as before", shape=shape_text(output))


def _filters(layer: Conv2d | ConvTranspose2d, channels: int) -> Phrase:
    values = {"count": layer.out_channels, "channels": channels}
    if isinstance(layer, ConvTranspose2d):
        return Phrase("channels: {count} from {channels}", **values)
    if layer.groups > 1:
        return Phrase(
            "channels: {count}, one for each filter; a filter spans "
            "{channels}/{groups} = {each} of the input's channels",
            groups=layer.groups,
            each=channels // layer.groups,
            **values,
        )
    return Phrase(
        "channels: {count}, one for each filter; a filter spans all channels of the "
        "input ({channels})",
        **values,
    )


def _stacked(row: LayerSummary) -> Phrase:
    counts = [shape[0] for shape in row.input_shapes]
    formula = f"{' + '.join(map(str, counts))} = {row.output_shape[0]}"
    if len({shape[1:] for shape in row.input_shapes}) > 1:
        return Phrase(
            "channels: {formula}; the larger maps are cut around their centre to "
            "{size}",
            formula=formula,
            size=shape_text(row.output_shape[1:]),
        )
    if len(row.output_shape) == 1:
        return Phrase("length: {formula}", formula=formula)
    return Phrase("channels: {formula}", formula=formula)


def _learned(row: LayerSummary) -> Phrase:
    """The lecture's question to every layer, answered."""
    count, reason = row.parameters, why(row.layer)
    if not count.total:
        return Phrase(
            "Do I need to learn parameters for this layer? No: 0, because {why}",
            why=reason,
        )
    if count.statistics:
        return Phrase(
            "Do I need to learn parameters for this layer? Yes: {formula}, because "
            "{why}: {statistics} running statistics, kept and not learned",
            formula=Worked(count.formula),
            why=reason,
            statistics=Count(count.statistics),
        )
    return Phrase(
        "Do I need to learn parameters for this layer? Yes: {formula} ({weights} "
        "weights and {biases} biases), because {why}",
        formula=Worked(count.formula),
        weights=Count(count.weights),
        biases=Count(count.biases),
        why=reason,
    )


def _without_sharing(row: LayerSummary) -> Iterator[Phrase]:
    """What the same mapping takes where no weight is shared."""
    if row.fully_connected is not None:
        dense = fully_connected_equivalent(row.input_shapes[0], row.output_shape)
        yield Phrase(
            "a fully connected layer between the same shapes would learn {formula}, "
            "against {own} here",
            formula=Worked(dense.formula),
            own=Count(row.parameters.total),
        )
    if row.matrix is not None:
        yield Phrase(
            "as one matrix on the flattened image it would have {rows}*{columns} = "
            "{entries} entries, {nonzero} of them not zero; sliding the filters takes "
            "{operations} multiplications and additions",
            rows=Count(row.matrix.rows),
            columns=Count(row.matrix.columns),
            entries=Count(row.matrix.entries),
            nonzero=Count(row.matrix.nonzero),
            operations=Count(row.matrix.operations),
        )


def _field(row: LayerSummary) -> Iterator[Phrase]:
    field = row.receptive_field
    if field is None:
        if row.field_sums:
            yield Phrase(
                "receptive field: not followed, it repeats only after thousands of "
                "places"
            )
        return
    yield _seen(row, field)
    yield from _steps(row, field)
    if row.layer.joins and field.aligned:
        yield Phrase("its inputs are aligned: at one place they see the same centre")
    if not field.aligned:
        yield Phrase(
            "its inputs are not aligned: at one place they see different centres"
        )


def _seen(row: LayerSummary, field: ReceptiveField) -> Phrase:
    seen = f"{field.height.size}x{field.width.size}"
    if not _changes_field(row):
        return Phrase(
            "receptive field: {seen} pixels of the input, as before", seen=seen
        )
    height, width = map(_told, row.field_sums)
    if str(height) == str(width):
        return Phrase(
            "receptive field: {seen} pixels of the input: {sum}", seen=seen, sum=height
        )
    return Phrase(
        "receptive field: {seen} pixels of the input: height {height}; width {width}",
        seen=seen,
        height=height,
        width=width,
    )


def _changes_field(row: LayerSummary) -> bool:
    """Whether the layer looks around, joins, or is why the field is no sum."""
    reasons = [told for told in row.field_sums if isinstance(told, Phrase)]
    is_reason = any(reason.values["layer"] == row.name for reason in reasons)
    looks_around = row.layer.windows(row.input_shapes[0]) is not None
    return looks_around or row.layer.joins or is_reason


def _told(told: FieldSum | Phrase) -> Phrase | str:
    """How the field comes about along one axis."""
    if isinstance(told, Phrase):
        return told
    if told.since:
        return Phrase(
            "{formula}, where {start} is what {layer!r} sees",
            formula=told.formula,
            start=told.start,
            layer=told.since,
        )
    if told.branched:
        return Phrase("{formula} along the widest way", formula=told.formula)
    return told.formula


def _steps(row: LayerSummary, field: ReceptiveField) -> Iterator[Phrase]:
    """How the field moves, and where it begins."""
    height, width = field.height, field.width
    if height.smallest != height.size or width.smallest != width.size:
        yield Phrase(
            "the narrowest field of an output is {seen}",
            seen=f"{height.smallest}x{width.smallest}",
        )
    if height.jump is None or width.jump is None:
        return
    along = row.field_sums[0]
    product = along.jump_formula if isinstance(along, FieldSum) else str(height.jump)
    step = product if height.jump == width.jump else f"{height.jump}x{width.jump}"
    values = {"step": step, "start": f"({height.start}, {width.start})"}
    if min(height.start, width.start) < 0:
        yield Phrase(
            "from one output to the next the field moves by {step}; the first begins "
            "at {start}, in the padding",
            **values,
        )
        return
    yield Phrase(
        "from one output to the next the field moves by {step}; the first begins at "
        "{start}",
        **values,
    )
