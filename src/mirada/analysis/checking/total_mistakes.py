"""What misunderstandings make of the sum of all parameters: one mistake everywhere."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mirada.analysis.checking.parameter_mistakes import parameter_slips
from mirada.analysis.checking.slip import Slip
from mirada.analysis.mistakes import MISTAKE_NAMES, UNKNOWN
from mirada.analysis.summary import Summary
from mirada.errors import Phrase

__all__ = ["total_slips"]


def total_slips(summary: Summary) -> Iterator[Slip]:
    """Every slip at the sum; the right sum has no kinds."""
    totals = summary.totals
    right = Fraction(totals.parameters)
    yield Slip((), (right,), "", ())
    yield from _everywhere(summary)
    once = Phrase("one bias is counted for the whole network")
    yield Slip(("bias-once",), (Fraction(totals.weights + 1),), "", (once,))
    if totals.statistics:
        kept = Phrase(
            "the running statistics are counted, but they are kept, not learned"
        )
        yield Slip((UNKNOWN,), (right + totals.statistics,), "", (kept,))
    for row in summary.layers:
        if row.parameters.total:
            why = Phrase("{layer} is left out of the sum", layer=repr(row.name))
            yield Slip((UNKNOWN,), (right - row.parameters.total,), "", (why,))


def _everywhere(summary: Summary) -> Iterator[Slip]:
    """The sum with the same mistake at every layer, or at every layer with filters."""
    network = summary.network
    terms: list[tuple[Fraction, bool, list[Slip]]] = []
    for node in network.nodes:
        inputs = [tuple(map(Fraction, s)) for s in network.input_shapes(node)]
        slips = [s for s in parameter_slips(network, node, inputs) if len(s.kinds) == 1]
        right = Fraction(summary.layer(node.name).parameters.total)
        terms.append((right, node.layer.kind == "linear", slips))
    for kind, name in MISTAKE_NAMES.items():
        if kind == UNKNOWN:
            continue
        why = Phrase(
            "the layers sum up to this where each has the mistake '{mistake}'",
            mistake=name,
        )
        for with_linear in (True, False):
            for total in _sums(terms, kind, with_linear):
                yield Slip((kind,), (total,), "", (why,))


def _sums(
    terms: Sequence[tuple[Fraction, bool, list[Slip]]], kind: str, with_linear: bool
) -> Iterator[Fraction]:
    """The sums with each variant of a mistake."""
    made = [
        (right, [s.value[0] for s in slips if s.kinds == (kind,)])
        if with_linear or not is_linear
        else (right, [])
        for right, is_linear, slips in terms
    ]
    for way in range(max(len(values) for _, values in made)):
        chosen = (
            values[min(way, len(values) - 1)] if values else right
            for right, values in made
        )
        yield sum(chosen, Fraction(0))
