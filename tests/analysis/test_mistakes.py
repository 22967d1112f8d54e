"""Tables and exercises call the same wrong number by the same mistake."""

from collections.abc import Iterator

import pytest

from mirada.analysis.checking import MISTAKE_NAMES, check
from mirada.analysis.exercises import LEVELS, MISTAKES, Exercise, generate_exercises
from mirada.network import Conv2d, Layer, MaxPool2d, Network
from mirada.network.text import read_node

OTHER_QUESTIONS = (
    *("unread", "same", "transposed"),
    *("as-dense", "after-flatten", "filters-missing"),
)
"""Kinds that ask for something else than what the one layer gives or learns."""


def drawn(topic: str, level: int) -> Iterator[Exercise]:
    for seed in range(12):
        yield from generate_exercises(seed, level, 22, [topic])


def of_one_window(one: Exercise) -> Network | None:
    """The network of a question about one window; None of any other question."""
    given = one.given
    is_other = "missing" in one.kind or one.kind in OTHER_QUESTIONS
    if is_other or "kernel" not in given:
        return None
    start, end = given["padding"]
    window = {"stride": given["stride"], "dilation": given["dilation"]}
    layer: Layer = Conv2d(1, given["kernel"], padding=(start, end) * 2, **window)
    if given["ceil"]:
        layer = MaxPool2d(given["kernel"], ceil=True, **window)
    return Network("asked", (1, given["input"], given["input"]), [layer])


def of_one_layer(one: Exercise) -> Network | None:
    layers = [read_node(text) for text in one.given.get("layers", ())]
    is_one = len(layers) == 1 and one.kind not in OTHER_QUESTIONS
    return Network("asked", tuple(one.given["input"]), layers) if is_one else None


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("column", ["size", "parameters"])
def test_a_table_finds_the_mistakes_of_an_exercise(column: str, level: int) -> None:
    network_of = of_one_window if column == "size" else of_one_layer
    pairs = [(one, network_of(one)) for one in drawn(column, level)]
    found = 0
    for one, network in pairs:
        for slip in one.slips:
            if network is None or slip.mistake not in MISTAKE_NAMES:
                continue
            name, text = network.nodes[0].name, slip.answer.text
            row = (name, text, "") if column == "size" else (name, "", text)
            (cell,) = check(network, [row]).cells
            assert slip.mistake in cell.mistakes, (one.question, text, cell)
            found += 1
    assert found > 20 or (column, level) == ("parameters", 3)


def test_a_mistake_has_a_name_and_a_clause() -> None:
    assert {"padding-once", "bias-forgotten"} <= MISTAKE_NAMES.keys() & MISTAKES.keys()
    assert str(MISTAKES["padding-forgotten"]) == "the padding is left out"
