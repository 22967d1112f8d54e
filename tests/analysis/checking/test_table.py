"""Tables judged: mistakes by name, what follows from others, and what stays unknown."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis.checking import MISTAKE_NAMES, Cell, check
from mirada.models import build
from mirada.network import (
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
    Upsample,
    join,
    named,
)

LENET = build("lenet5_lecture")


def only(network: Network, *rows: Sequence[object]) -> Cell:
    (cell,) = check(network, rows).cells
    return cell


def judged(layer: Layer, input: Shape, text: str, column: str = "size") -> Cell:
    """The one cell of a network of one layer."""
    net = Network("one", input, [layer])
    cells = (text, "") if column == "size" else ("", text)
    return only(net, (net.nodes[0].name, *cells))


def wrong(*rows: Sequence[object], network: Network = LENET) -> dict[str, Any]:
    """The wrong cells by layer and column."""
    cells = check(network, rows).cells
    return {f"{c.layer} {c.column}": c for c in cells if not c.ok}


SIZES: list[tuple[Layer, Shape, str, str]] = [
    (Conv2d(6, 5, padding="same"), (3, 32, 32), "30", "same-misread"),
    (Conv2d(6, 5, padding="same"), (3, 32, 32), "28x28x6", "same-misread"),
    (Conv2d(6, 5, 2, "same"), (3, 33, 33), "33", "same-misread"),
    (Conv2d(6, 5, 2, "same"), (3, 33, 33), "16", "same-misread"),
    (Conv2d(6, 5), (3, 32, 32), "32x32x6", "same-misread"),
    (Conv2d(6, 5, 2, 1), (3, 32, 32), "16", "floor-missed"),
    (Conv2d(6, 5, 2, 1), (3, 32, 32), "(32-5+2)/2+1 = 16", "floor-missed"),
    (Conv2d(6, 5, 2, 1), (3, 32, 32), "15.5", "floor-missed"),
    (Conv2d(6, 5, 2), (3, 32, 32), "14,5 x 14,5 x 6", "floor-missed"),
    (MaxPool2d(2, ceil=True), (6, 15, 15), "7", "floor-missed"),
    (Conv2d(6, 5, 2), (3, 32, 32), "30.5", "stride-on-filter"),
    (Conv2d(6, 7, 2, 3), (3, 32, 32), "(32+6-7/2+1) x 35 x 6", "unknown"),
    (Conv2d(6, 7, 2, 3), (3, 32, 32), "35", "stride-on-filter"),
    (MaxPool2d(2), (6, 28, 28), "28x28x6", "stride-on-filter"),
    (Conv2d(6, 5, padding=2), (3, 32, 32), "30x30x6", "padding-once"),
    (Conv2d(6, 5, padding=2), (3, 32, 32), "28x28x6", "padding-forgotten"),
    (Conv2d(6, 5), (3, 32, 32), "28x28x3", "channels-forgotten"),
    (Conv2d(6, 5), (3, 32, 32), "28x28x18", "channels-forgotten"),
    (MaxPool2d(2), (6, 28, 28), "14x14x1", "channels-forgotten"),
    (Conv2d(6, 5), (3, 32, 32), "64x28x28x6", "batch-counted"),
    (Conv2d(6, 5), (3, 32, 32), "(1, 6, 28, 28)", "batch-counted"),
    (Linear(10), (84,), "32x10", "batch-counted"),
    (Flatten(), (16, 5, 5), "12800", "batch-counted"),
    (Flatten(), (16, 5, 5), "5x5x16", "flatten-order"),
    (Flatten(), (16, 5, 5), "25", "flatten-order"),
    (Flatten(), (16, 5, 5), "80", "flatten-order"),
    (ConvTranspose2d(4, 3, 2, 1), (8, 7, 7), "14", "padding-once"),
    (ConvTranspose2d(4, 3, 2, 1), (8, 7, 7), "15", "padding-forgotten"),
    (MaxPool2d(2), (6, 28, 28), "27", "unknown"),
    (Conv2d(6, 5), (3, 32, 32), "27", "unknown"),
    (Conv2d(6, 3, dilation=2), (3, 32, 32), "30", "unknown"),
    (Conv2d(6, 5), (3, 32, 32), "5", "unknown"),
    (GlobalAvgPool2d(), (8, 7, 7), "7x7x8", "unknown"),
    (Upsample(2), (8, 7, 7), "7x7x8", "unknown"),
]


@pytest.mark.parametrize(("layer", "input", "text", "kind"), SIZES, ids=str)
def test_mistakes_at_a_size(layer: Layer, input: Shape, text: str, kind: str) -> None:
    cell = judged(layer, input, text)
    assert not cell.ok
    assert cell.mistake == kind


COUNTS: list[tuple[Layer, Shape, str, str]] = [
    (Conv2d(8, 5), (3, 32, 32), "208", "channels-forgotten"),
    (Conv2d(8, 5), (3, 32, 32), "(5*5+1)*8", "channels-forgotten"),
    (Conv2d(8, 5), (3, 32, 32), "76", "channels-forgotten"),
    (Conv2d(8, 5), (3, 32, 32), "601", "bias-once"),
    (Conv2d(8, 5), (3, 32, 32), "600", "bias-forgotten"),
    (Conv2d(8, 5), (3, 32, 32), "128", "kernel-not-squared"),
    (Conv2d(8, 5), (3, 32, 32), "248", "kernel-not-squared"),
    (Conv2d(8, 5), (3, 32, 32), str(608 * 32), "batch-counted"),
    (Conv2d(8, 5, bias=False), (3, 32, 32), "200", "channels-forgotten"),
    (Conv2d(8, 5, bias=False), (3, 32, 32), "608", "unknown"),
    (Conv2d(8, 3, groups=2), (4, 9, 9), str((3 * 3 * 4 + 1) * 8), "unknown"),
    (Conv2d(4, 3, groups=4), (4, 9, 9), "36", "bias-forgotten"),
    (Linear(120), (400,), "48,001", "bias-once"),
    (Linear(120), (400,), "48.000", "bias-forgotten"),
    (BatchNorm2d(), (8, 4, 4), "8", "bias-forgotten"),
    (BatchNorm2d(), (8, 4, 4), "32", "unknown"),
    (MaxPool2d(2), (6, 28, 28), "12", "pooling-has-parameters"),
    (AvgPool2d(2), (6, 28, 28), "30", "pooling-has-parameters"),
    (MaxPool2d(2), (6, 28, 28), "99", "pooling-has-parameters"),
    (ReLU(), (6, 28, 28), "6", "unknown"),
]


@pytest.mark.parametrize(("layer", "input", "text", "kind"), COUNTS, ids=str)
def test_mistakes_at_parameters(
    layer: Layer, input: Shape, text: str, kind: str
) -> None:
    cell = judged(layer, input, text, "parameters")
    assert not cell.ok
    assert cell.mistake == kind


@pytest.mark.parametrize(
    ("layer", "input", "text", "words"),
    [
        (Conv2d(6, 5, 2), (3, 32, 32), "14", "14.5 is rounded down to 14"),
        (Conv2d(6, 5, 2), (3, 32, 32), "(32-5)/2+1 = 14", "14.5 is rounded down"),
        (Conv2d(6, 5), (3, 32, 32), "(32-5)/1+1 = 28", ""),
        (Conv2d(6, 5), (3, 32, 32), "28x28x6 = 4,704", ""),
        (Flatten(), (16, 5, 5), "5x5x16 = 400", ""),
        (Flatten(), (16, 5, 5), "5*5*16", ""),
        (Flatten(), (16, 5, 5), "=5*5*16", ""),
    ],
    ids=str,
)
def test_right_sizes(layer: Layer, input: Shape, text: str, words: str) -> None:
    cell = judged(layer, input, text)
    assert cell.ok and cell.mistake is None
    assert words in " ".join(map(str, cell.explanation()))


def test_what_leads_to_a_right_size_may_be_wrong() -> None:
    cell = judged(MaxPool2d(2), (6, 28, 28), "(28+4-5)/1+1 = 14")
    assert not cell.ok
    assert cell.mistakes == ("stride-on-filter", "same-misread")


@pytest.mark.parametrize(
    "text",
    ["32x32x3 -> 28x28x6", "32 → 28", "(3, 32, 32) => (6, 28, 28)", "28x28x6 (valid)"],
)
def test_the_input_may_stand_before_an_arrow(text: str) -> None:
    assert judged(Conv2d(6, 5), (3, 32, 32), text).ok


def test_what_stands_before_an_arrow_may_be_wrong() -> None:
    cell = judged(Conv2d(6, 5), (3, 32, 32), "32x32x3 -> 32x32x6")
    assert cell.mistakes == ("same-misread",)
    assert not judged(Conv2d(6, 5), (3, 32, 32), "31x31x3 -> 28x28x6").ok
    assert not judged(MaxPool2d(2), (6, 28, 28), "(28+4-5)/1+1 -> 14").ok


@pytest.mark.parametrize(
    "text",
    ["456 (5*5*3+1)*6", "456 (pesos y sesgos)", "(5*5*3+1)*6 = 456 (con sesgos)"],
)
def test_a_formula_or_a_remark_may_stand_beside(text: str) -> None:
    assert judged(Conv2d(6, 5), (3, 32, 32), text, "parameters").ok


def test_a_formula_beside_another_number() -> None:
    cell = judged(Conv2d(6, 5), (3, 32, 32), "456 (5*5*3+2)*6", "parameters")
    assert not cell.ok


@pytest.mark.parametrize("text", ["no", "No tiene", "sin parámetros", "0 (no aprende)"])
def test_nothing_in_words(text: str) -> None:
    assert judged(MaxPool2d(2), (6, 28, 28), text, "parameters").ok


def test_a_right_formula_with_a_wrong_result() -> None:
    cell = judged(Conv2d(6, 5), (3, 32, 32), "(5*5*3 + 1)*6 = 465", "parameters")
    assert (cell.ok, cell.mistake) == (False, "unknown")
    assert "The formula is right" in " ".join(map(str, cell.explanation()))


def test_rounded_counts_are_right() -> None:
    net = build("alexnet")
    rows = [("total", "", text) for text in ("61.1M", "61,1 millones", "61100840")]
    assert all(only(net, row).ok for row in rows)


def test_either_or() -> None:
    cell = judged(Conv2d(8, 3), (3, 9, 9), "80", "parameters")
    assert cell.mistakes == ("channels-forgotten", "kernel-not-squared")
    assert not cell.together
    assert str(next(cell.explanation())).startswith("Either (3*3 + 1)*8 = 80: the 3")


def test_of_two_that_fit_the_one_made_elsewhere_comes_first() -> None:
    net = Network("two", (3, 20, 20), [Conv2d(8, 3), Conv2d(8, 5)])
    found = wrong(("conv1", "", 80), ("conv2", "", (5 * 8 + 1) * 8), network=net)
    assert found["conv1 parameters"].mistake == "kernel-not-squared"


def test_two_mistakes_at_once() -> None:
    cell = judged(Conv2d(6, 5), (3, 32, 32), "151", "parameters")
    assert cell.together
    assert cell.mistakes == ("channels-forgotten", "bias-once")
    cell = judged(Conv2d(6, 5), (1, 28, 28), "47,040")
    assert cell.together and cell.mistakes == ("same-misread", "batch-counted")


def test_two_mistakes_without_a_formula_are_told_in_words() -> None:
    cell = judged(Conv2d(6, 5), (3, 32, 32), "32x32x3")
    assert "Likely: two mistakes at once (" in " ".join(map(str, cell.explanation()))


def test_what_follows_from_an_own_size_is_no_new_mistake() -> None:
    found = wrong(
        ("conv1", "26x26x6", 456),
        ("pool1", "13x13x6", 0),
        ("conv2", "9x9x16", 2416),
        ("pool2", "4x4x16", 0),
        ("flatten1", "256", ""),
        ("FC1", "120", (256 + 1) * 120),
        ("FC2", "84", 10164),
        ("FC3", "10", 850),
    )
    assert found.pop("conv1 size").mistake == "unknown"
    assert len(found) == 5
    for cell in found.values():
        assert (cell.mistake, cell.follows) == (None, "conv1")
        assert "No new mistake" in str(next(cell.explanation()))


def test_what_follows_where_sizes_between_are_left_open() -> None:
    found = wrong(("conv2", "12x12x16", ""), ("FC1", "", (6 * 6 * 16 + 1) * 120))
    assert found["linear1 parameters"].follows == "conv2"


def test_a_mistake_on_an_own_size_is_named_and_follows() -> None:
    found = wrong(("conv2", "12x12x16", ""), ("FC1", "", 6 * 6 * 16 * 120))
    cell = found["linear1 parameters"]
    assert (cell.mistake, cell.follows) == ("bias-forgotten", "conv2")


def test_an_own_number_of_filters_is_followed() -> None:
    found = wrong(("conv1", "28x28x8", 608), ("pool1", "14x14x8", ""))
    assert found["conv1 size"].mistake == "unknown"
    assert "only the channels" in " ".join(map(str, found["conv1 size"].explanation()))
    assert found["conv1 parameters"].follows == "conv1"
    assert found["maxpool1 size"].follows == "conv1"
    found = wrong(("conv1", "28x28x8", 208))
    assert found["conv1 parameters"].mistake == "channels-forgotten"


def test_an_unrounded_size_goes_on_unrounded() -> None:
    layers = [Conv2d(6, 5, 2), MaxPool2d(2)]
    net = Network("half", (3, 32, 32), layers)
    found = wrong(("conv1", "14.5", ""), ("pool1", "7.25", ""), network=net)
    assert found["conv1 size"].mistake == "floor-missed"
    pool = found["maxpool1 size"]
    assert (pool.mistake, pool.follows) == ("floor-missed", "conv1")


def test_a_wrong_input_is_followed() -> None:
    found = wrong(("input", "28x28x3", ""), ("conv1", "24x24x6", ""))
    assert found["conv1 size"].follows == "input"


def test_flattening_before_the_last_pooling() -> None:
    early = 10 * 10 * 16
    found = wrong(("flatten1", early, ""), ("FC2", "84", 10164))
    assert found["flatten1 size"].mistake == "flatten-order"
    found = wrong(("FC1", "", (early + 1) * 120))
    assert found["linear1 parameters"].mistake == "flatten-order"
    found = wrong(("FC1", "", (5 * 5 + 1) * 120))
    assert found["linear1 parameters"].mistakes == (
        *("channels-forgotten", "flatten-order"),
    )


def test_totals() -> None:
    assert only(LENET, ("total", "", "62,006")).ok
    weights = 62006 - 6 - 16 - 120 - 84 - 10
    assert only(LENET, ("total", "", weights)).mistake == "bias-forgotten"
    assert only(LENET, ("total", "", weights + 5)).mistake == "bias-once"
    assert only(LENET, ("total", "", weights + 1)).mistake == "bias-once"
    forgotten = 26 * 6 + 26 * 16 + 48120 + 10164 + 850
    assert only(LENET, ("total", "", forgotten)).mistake == "channels-forgotten"
    cell = only(LENET, ("total", "", 62006 - 850))
    assert cell.mistake == "unknown"
    assert "'linear3' is left out" in " ".join(map(str, cell.explanation()))


def test_a_total_of_own_numbers() -> None:
    found = wrong(("conv1", "", 156), ("total", "28", 62006 - 300))
    assert found["total parameters"].follows == "conv1"
    assert "total size" not in found


def test_running_statistics_are_kept_not_learned() -> None:
    net = Network("normal", (3, 8, 8), [Conv2d(4, 3), BatchNorm2d()])
    cell = only(net, ("total", "", 112 + 8 + 8))
    assert "running statistics" in " ".join(map(str, cell.explanation()))


def test_branches() -> None:
    net = Network(
        "branch",
        (3, 16, 16),
        [
            named(Conv2d(4, 3, padding=1), "left"),
            named(Conv2d(6, 3, padding=1), "right", source="input"),
            join(Concat(), "left", name="both"),
            Conv2d(2, 1),
        ],
    )
    assert check(net, [("both", "16x16x10", 0)]).wrong == 0
    cell = only(net, ("both", "16x16x6", ""))
    assert cell.mistake == "channels-forgotten"
    found = wrong(("left", "14x14x4", ""), ("both", "14x14x10", ""), network=net)
    assert found["left size"].mistake == "padding-forgotten"
    assert found["both size"].mistake == "unknown"  # the other branch is 16x16


def test_a_softmax_that_the_loss_has() -> None:
    rows = [("FC1", "", 48120), ("FC2", "", ""), ("FC3", "10", 850), ("Softmax", 10, 0)]
    assert check(LENET, rows).wrong == 0
    found = wrong(*rows[:3], ("Softmax", 11, 850))
    assert {*found} == {"softmax size", "softmax parameters"}


def test_the_table_may_write_channels_first() -> None:
    found = wrong(("conv1", "6x28x28", ""), ("pool1", "6x13x13", ""))
    assert found["maxpool1 size"].expected_text == "6x14x14"
    assert found["maxpool1 size"].to_dict()["expected"] == "14x14x6"


@pytest.mark.parametrize("text", ["", "-", "—", " ", "?"])
def test_what_is_left_open_is_not_judged(text: str) -> None:
    assert check(LENET, [("conv1", text, text)]).cells == ()


def test_what_cannot_be_read_is_wrong_and_accuses_nobody() -> None:
    for column, cells in (("size", ("big", "")), ("parameters", ("", "006"))):
        cell = only(LENET, ("conv1", *cells))
        assert (cell.column, cell.ok, cell.mistake) == (column, False, "unknown")
        assert "cannot be read" in str(next(cell.explanation()))


def test_a_layer_may_be_called_total() -> None:
    net = Network("odd", (3, 8, 8), [named(Conv2d(4, 3), "total"), ReLU()])
    found = check(net, [("total", "6x6x4", 112)])
    assert [cell.ok for cell in found.cells] == [True, True]


CELLS = st.text("0123456789xX×*@,.;()[]=+-/^ kM", max_size=12) | st.sampled_from(
    ["-3x-3x2", "0", "0x0x0", "1e9", "9" * 29, "0.5x0.5x3", "(None, 8)", "5x5x5x5"]
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=10, max_size=10))
def test_any_cells_are_judged(cells: list[tuple[str, str]]) -> None:
    layers = [
        *(Conv2d(4, 3, 2, "same"), BatchNorm2d(), MaxPool2d(2, ceil=True)),
        *(ConvTranspose2d(4, 3, 2, groups=2), Conv2d(4, 3, groups=4)),
        *(GlobalAvgPool2d(), Flatten(), Linear(5)),
    ]
    net = Network("all", (3, 20, 20), layers)
    names = ["input", *(node.name for node in net.nodes), "total"]
    rows = [(name, *cell) for name, cell in zip(names, cells, strict=True)]
    found = check(net, rows)
    assert found.correct + found.wrong == len(found.cells)
    for cell in found.cells:
        assert cell.to_dict()["mistake"] in (None, *MISTAKE_NAMES)
        assert cell.ok or cell.follows or cell.mistake


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "unet", "mobilenet"])
def test_every_known_network_agrees_with_itself(name: str) -> None:
    net = build(name)
    rows = []
    for node in net.nodes:
        shape = net.shapes[node.name]
        size = "x".join(map(str, (*shape[1:], shape[0])))
        learned = [
            p for k, p in net.parameters.items() if k.startswith(node.name + ".")
        ]
        count = sum(_size(p.shape) for p in learned if p.role != "statistic")
        rows.append((node.name, size, count))
    assert check(net, rows).wrong == 0


def _size(shape: Shape) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
