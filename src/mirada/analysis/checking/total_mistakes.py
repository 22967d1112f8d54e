"""What misunderstandings make of the sum of all parameters: one mistake everywhere."""

from collections.abc import Iterator
from fractions import Fraction

from mirada.analysis.checking.mistakes import MISTAKE_NAMES, MISTAKES, UNKNOWN, Slip
from mirada.analysis.checking.parameter_mistakes import parameter_slips
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
        kept = Phrase("the running statistics are counted; they are kept, not learned")
        yield Slip((UNKNOWN,), (right + totals.statistics,), "", (kept,))
    for row in summary.layers:
        if row.parameters.total:
            why = Phrase("{layer} is left out of the sum", layer=repr(row.name))
            yield Slip((UNKNOWN,), (right - row.parameters.total,), "", (why,))


def _everywhere(summary: Summary) -> Iterator[Slip]:
    """The sum with the same mistake at every layer where it can be made."""
    network = summary.network
    shapes = {
        node.name: [tuple(map(Fraction, s)) for s in network.input_shapes(node)]
        for node in network.nodes
    }
    slips = [
        (summary.layer(node.name).parameters.total, node, shapes[node.name])
        for node in network.nodes
    ]
    made = [
        (
            right,
            [s for s in parameter_slips(network, node, inputs) if len(s.kinds) == 1],
        )
        for right, node, inputs in slips
    ]
    for kind in MISTAKES:
        if kind == UNKNOWN:
            continue
        options = [
            (right, [s for s in some if s.kinds == (kind,)]) for right, some in made
        ]
        for way in range(max(len(some) for _, some in options)):
            terms = [
                some[min(way, len(some) - 1)].value[0] if some else Fraction(right)
                for right, some in options
            ]
            why = Phrase(
                "the layers sum up to this where each has the mistake '{mistake}'",
                mistake=MISTAKE_NAMES[kind],
            )
            yield Slip((kind,), (sum(terms, Fraction(0)),), "", (why,))
