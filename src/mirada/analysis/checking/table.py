"""A person's table of sizes and parameters held against what follows.

Each cell is right or wrong. A wrong one that follows from an earlier wrong one of the
same table is no new mistake; else the mistake is named where its arithmetic gives the
number that was written. Where several do, all are named; where none does, none is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod

from mirada.analysis.checking.cell import COLUMNS, Cell, Check
from mirada.analysis.checking.judging import (
    Judged,
    Place,
    World,
    is_left_open,
    judge_count,
    judge_size,
)
from mirada.analysis.checking.layer_names import SOFTMAX, TOTAL, Row, place_rows
from mirada.analysis.checking.parameter_mistakes import parameter_slips
from mirada.analysis.checking.size_mistakes import size_slips
from mirada.analysis.checking.total_mistakes import total_slips
from mirada.analysis.checking.words import right_parameters, right_size, right_total
from mirada.analysis.size_reading import Amounts, is_shape, read_size
from mirada.analysis.summary import summarize
from mirada.errors import DescriptionError, Phrase, ShapeError
from mirada.network import (
    INPUT,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Layer,
    Linear,
    Network,
    Node,
)

__all__ = ["check"]

_MOST = 2**31
_POOLS = ("maxpool", "avgpool", "globalavgpool")


def check(network: Network, rows: Iterable[Row | Sequence[object]]) -> Check:
    """Judges a table: rows of layer, size and parameters, empty where left open.

    Raises DataError for a row that names no layer: see `place_rows`.

    >>> from mirada.network import Conv2d, MaxPool2d
    >>> net = Network("small", (3, 32, 32), [Conv2d(8, 5), MaxPool2d(2)])
    >>> found = check(net, [("conv1", "28x28x8", 208), ("pool1", "14x14x8", 0)])
    >>> found.correct, [cell.mistake for cell in found.cells if not cell.ok]
    (3, ['channels-forgotten'])
    """
    return _Table(network, [_row(row) for row in rows]).judged()


def _row(row: Row | Sequence[object]) -> Row:
    if isinstance(row, Row):
        return row
    layer, *cells = map(str, row)
    size, parameters, *_ = (*cells, "", "")
    return Row(layer, size, parameters)


class _Table:
    """A table while it is judged.

    `_believed` is the shape that the person gives a layer, or that follows from theirs,
    `_origins` the wrong layer it comes from where it is not the true one.
    """

    def __init__(self, network: Network, rows: Sequence[Row]) -> None:
        self._network = network
        self._summary = summarize(network)
        self._rows = dict(zip(place_rows(network, rows), rows, strict=True))
        self._believed: dict[str, Amounts] = {}
        self._origins: dict[str, str] = {}
        self._given: dict[str, Judged] = {}
        self._cells: dict[tuple[str, str], Cell] = {}
        self._channels_first = self._writes_channels_first()

    def judged(self) -> Check:
        """Every cell, judged in the network's order and put in the table's."""
        self._judge(self._input())
        for node in self._network.nodes:
            self._judge(self._layer(node))
        if SOFTMAX not in self._network.shapes:
            self._judge(self._softmax())
        self._judge_total()
        keys = ((name, column) for name in self._rows for column in COLUMNS)
        found = [self._cells[key] for key in keys if key in self._cells]
        return Check(self._network, tuple(_consistent(found)))

    def _writes_channels_first(self) -> bool:
        """Whether the sizes that are right are written channels first."""
        votes = 0
        for name, row in self._rows.items():
            shape = self._network.shapes.get(name, ())
            for reading in read_size(row.size):
                if is_shape(reading, shape) and shape[0] not in shape[1:]:
                    votes += 1 if reading.numbers[0] == shape[0] else -1
        return votes > 0

    def _judge(self, place: Place) -> None:
        """Judges the cells of one row and takes the person's size for what follows."""
        row = self._rows.get(place.name, Row(place.name))
        believed, origin = place.own_size, place.origin
        is_wrong = False
        if not is_left_open(row.size):
            judged = judge_size(place, row.size)
            self._keep(judged.cell, row)
            if judged.size is not None:
                believed = judged.size
                origin = judged.cell.follows or place.name
                is_wrong = not judged.cell.ok and judged.size != place.own_size
        if not is_left_open(row.parameters):
            if is_wrong and believed is not None:
                place = self._with_outputs(place, believed)
            self._given[place.name] = judged = judge_count(place, row.parameters)
            self._keep(judged.cell, row)
        self._believed[place.name] = place.truth if believed is None else believed
        if self._believed[place.name] != place.truth:
            self._origins[place.name] = origin

    def _keep(self, cell: Cell, row: Row) -> None:
        named = self._rows[cell.follows].layer.strip() if cell.follows else ""
        told = replace(
            cell,
            row=row.layer.strip(),
            line=row.line,
            follows_row=named,
            channels_first=self._channels_first,
        )
        self._cells[cell.layer, cell.column] = told

    def _input(self) -> Place:
        right = Phrase("Right: it is what the description says.")
        nothing = Phrase("Right is 0: an input has nothing to learn.")
        return Place(INPUT, _exact(self._network.input), 0, right, nothing)

    def _softmax(self) -> Place:
        last = self._network.nodes[-1].name
        right = Phrase(
            "Right: softmax makes as many probabilities as there are scores."
        )
        nothing = Phrase("Right is 0: softmax has nothing to learn.")
        place = Place(SOFTMAX, _exact(self._network.output), 0, right, nothing)
        if last not in self._origins:
            return place
        own = self._believed[last]
        return replace(place, own_size=own, origin=self._origins[last])

    def _layer(self, node: Node) -> Place:
        row = self._summary.layer(node.name)
        truths = list(map(_exact, self._network.input_shapes(node)))
        own = [self._believed[name] for name in node.inputs]
        place = Place(
            node.name,
            _exact(row.output_shape),
            row.parameters.total,
            right_size(self._network, node, row),
            right_parameters(node, row),
            [self._world(node, truths)],
            row.windows,
            _likely(node),
            node.layer.kind in _POOLS,
            arriving=[*truths, *own],
        )
        if own == truths:
            return place
        return replace(
            place,
            worlds=[*place.worlds, self._world(node, own)],
            origin=next(self._origins[n] for n in node.inputs if n in self._origins),
            own_size=_own_size(node, own),
            own_count=_own_count(node, own),
        )

    def _with_outputs(self, place: Place, size: Amounts) -> Place:
        """The place with what the layer learns if it has as many outputs as said."""
        node = self._network.by_name.get(place.name)
        if node is None or size[0] == place.truth[0] or size[0].denominator != 1:
            return place
        try:
            layer = _of_outputs(node.layer, int(size[0]))
        except DescriptionError:
            return place
        if layer is None:
            return place
        said = replace(node, layer=layer)
        own = [self._believed[name] for name in node.inputs]
        slips = list(parameter_slips(self._network, said, own))
        return replace(
            place,
            worlds=[place.worlds[0], World([], slips)],
            origin=place.name,
            own_count=_own_count(said, own),
        )

    def _world(self, node: Node, inputs: Sequence[Amounts]) -> World:
        return World(
            list(size_slips(self._network, node, inputs)),
            list(parameter_slips(self._network, node, inputs)),
        )

    def _judge_total(self) -> None:
        row = self._rows.get(TOTAL)
        is_layer = TOTAL in self._network.shapes
        if row is None or is_layer or is_left_open(row.parameters):
            return
        wrong = [name for name, judged in self._given.items() if not judged.cell.ok]
        total = self._summary.totals.parameters
        place = Place(
            TOTAL,
            (Fraction(total),),
            total,
            right_total(self._summary),
            right_total(self._summary),
            [World([], list(total_slips(self._summary)))],
        )
        if wrong:
            own = int(sum(self._own_counts(), Fraction(0)))
            place = replace(place, origin=wrong[0], own_count=own)
        self._keep(judge_count(place, row.parameters).cell, row)

    def _own_counts(self) -> Iterator[Fraction]:
        """The parameters of every layer, as the person has them where they say."""
        for layer in self._summary.layers:
            judged = self._given.get(layer.name)
            given = None if judged is None else judged.amount
            yield Fraction(layer.parameters.total) if given is None else given


def _consistent(cells: Sequence[Cell]) -> Iterator[Cell]:
    """The cells; of several mistakes that fit, one made elsewhere too comes first."""
    sure = {cell.mistake for cell in cells if len(cell.mistakes) == 1}
    for cell in cells:
        if cell.together:
            yield cell
            continue
        made = sorted(cell.slips, key=lambda slip: slip.kinds[0] not in sure)
        yield replace(cell, slips=tuple(made))


def _likely(node: Node) -> str:
    """The mistake that is likelier at this layer than the order of all says."""
    if isinstance(node.layer, Flatten):
        return "flatten-order"
    if isinstance(getattr(node.layer, "padding", None), str):
        return "same-misread"
    return "" if getattr(node.layer, "stride", (1, 1)) == (1, 1) else "stride-on-filter"


def _of_outputs(layer: Layer, count: int) -> Layer | None:
    """The layer with another number of filters or neurons, None where it has none."""
    if isinstance(layer, Conv2d | ConvTranspose2d):
        return replace(layer, out_channels=count)
    return replace(layer, out_features=count) if isinstance(layer, Linear) else None


def _exact(shape: Sequence[int]) -> Amounts:
    return tuple(map(Fraction, shape))


def _whole(inputs: Sequence[Amounts]) -> list[tuple[int, ...]] | None:
    """The shapes as a layer takes them; None where a size is no whole number from 1."""
    sizes = [size for shape in inputs for size in shape]
    if any(size.denominator != 1 or not 1 <= size <= _MOST for size in sizes):
        return None
    return [tuple(map(int, shape)) for shape in inputs]


def _own_size(node: Node, inputs: Sequence[Amounts]) -> Amounts | None:
    """What a layer makes of the person's own inputs, None where it makes nothing."""
    shapes = _whole(inputs)
    try:
        return None if shapes is None else _exact(node.layer.output(*shapes))
    except ShapeError:
        return None


def _own_count(node: Node, inputs: Sequence[Amounts]) -> int | None:
    """What a layer learns on the person's own inputs."""
    shapes = _whole(inputs)
    if shapes is None or _own_size(node, inputs) is None:
        return None
    learned = [p for p in node.layer.parameters(*shapes) if p.role != "statistic"]
    return sum(prod(parameter.shape) for parameter in learned)
