"""Remedies: every change that is offered is made, and the network then works."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.errors import ShapeError
from mirada.language import speaking
from mirada.network import (
    Add,
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    join,
    named,
)
from mirada.network.graph import _complete

Nodes = list[Node]
LATER = "A later layer needs a change too."


def refused(
    shape: tuple[int, ...], layers: Sequence[Layer | Node]
) -> ShapeError | None:
    """The error of a network, where there is one."""
    try:
        Network("n", shape, layers)
    except ShapeError as error:
        return error
    return None


def offers(error: ShapeError) -> list[str]:
    """The changes that a message offers, as its words."""
    found = re.search(r"(?:works?|would work): (.*?)\.(?: A later|$)", str(error))
    if not found:
        return []
    return re.split(r"; or |; |, or ", found.group(1))


def edited(nodes: Nodes, place: int, **changes: Any) -> Nodes:
    layer: Any = nodes[place].layer
    changed = replace(nodes[place], layer=replace(layer, **changes))
    return [*nodes[:place], changed, *nodes[place + 1 :]]


def without(nodes: Nodes, name: str) -> Nodes:
    gone = next(node for node in nodes if node.name == name)

    def bridged(source: str) -> str:
        return gone.source if source == name else source

    return [
        replace(n, source=bridged(n.source), others=tuple(map(bridged, n.others)))
        for n in nodes
        if n is not gone
    ]


def flattened(nodes: Nodes, name: str) -> Nodes:
    place = next(i for i, node in enumerate(nodes) if node.name == name)
    flatten = Node(Flatten(), "the-new-one", nodes[place].source)
    moved = replace(nodes[place], source="the-new-one")
    return [*nodes[:place], flatten, moved, *nodes[place + 1 :]]


def at(nodes: Nodes, name: str) -> int:
    return next(i for i, node in enumerate(nodes) if node.name == name)


Change = Callable[..., Nodes]
CHANGES: list[tuple[str, Change]] = [
    (r"give it padding (\d+)", lambda n, p, k: edited(n, p, padding=int(k))),
    (
        r"give it output padding (\d+)",
        lambda n, p, k: edited(n, p, output_padding=int(k)),
    ),
    (r"use a (\d+)x\d+ kernel", lambda n, p, k: edited(n, p, kernel_size=int(k))),
    (r"set groups to (\d+)", lambda n, p, k: edited(n, p, groups=int(k))),
    (r"write 'same'", lambda n, p: edited(n, p, padding="same")),
    (r"write 'same' in '(.+)'", lambda n, p, x: edited(n, at(n, x), padding="same")),
    (
        r"give '(.+)' (\d+) filters",
        lambda n, p, x, k: edited(n, at(n, x), out_channels=int(k)),
    ),
    (
        r"give '(.+)' (\d+) filters and 'same'",
        lambda n, p, x, k: edited(n, at(n, x), out_channels=int(k), padding="same"),
    ),
    (r"add 'crop' to it", lambda n, p: edited(n, p, crop=True)),
    (
        r"join it with '(.+)'",
        lambda n, p, x: [
            *n[:p],
            replace(n[p], others=(x, *n[p].others[1:])),
            *n[p + 1 :],
        ],
    ),
    (r"put a flatten layer before '(.+)'", lambda n, p, x: flattened(n, x)),
    (r"remove '(.+)'", lambda n, p, x: without(n, x)),
]
"""How each offer is made, read from its words."""


def made(offer: str, nodes: Nodes, place: int) -> Nodes:
    """The layers after the change that an offer describes."""
    for words, change in CHANGES:
        found = re.fullmatch(words, offer)
        if found:
            return change(nodes, place, *found.groups())
    raise AssertionError(f"an offer without a test: {offer!r}")


def check_offers(shape: tuple[int, ...], layers: Sequence[Layer | Node]) -> list[str]:
    """Makes every change that is offered and builds the network again."""
    error = refused(shape, layers)
    if error is None:
        return []
    place: Any = error.values["place"]
    nodes, found = [*_complete(layers)], offers(error)
    assert ("work" in str(error)) == bool(found), str(error)
    assert len(found) <= 3
    for offer in found:
        changed = made(offer, nodes, place)
        if LATER in str(error):
            assert refused(shape, changed) is not None
            kept = at(changed, nodes[place].name) + 1
            changed = changed[:kept]
        Network("repaired", shape, changed)
    return found


small = st.integers(1, 4)
side = st.integers(0, 3)


@st.composite
def loose_layers(draw: st.DrawFn) -> list[Layer | Node]:
    """Layers that nobody looked at together."""
    layer = st.one_of(
        st.builds(
            Conv2d,
            small,
            st.integers(1, 9),
            stride=small,
            padding=side | st.just("same-torch") | st.just("same"),
            groups=small,
        ),
        st.builds(ConvTranspose2d, small, small, padding=side, output_padding=side),
        st.builds(
            MaxPool2d,
            st.integers(1, 9),
            padding=side,
            dilation=small,
            ceil=st.booleans(),
        ),
        st.builds(AvgPool2d, st.integers(1, 9), padding=side),
        st.builds(Linear, small),
        st.sampled_from([Flatten(), ReLU(), Dropout(0.1)]),
        st.sampled_from(
            [
                Node(Add()),
                join(Add(), "a"),
                join(Concat(), "a"),
                join(Concat(), "input"),
                Node(Concat()),
            ]
        ),
    )
    first = named(draw(st.sampled_from([ReLU(), Conv2d(2, 3)])), "a")
    return [first, *draw(st.lists(layer, min_size=1, max_size=6))]


@settings(max_examples=400)
@given(loose_layers(), st.tuples(small, st.integers(3, 12), st.integers(3, 12)))
def test_what_is_offered_works(
    layers: Sequence[Layer | Node], shape: tuple[int, int, int]
) -> None:
    check_offers(shape, layers)


@pytest.mark.parametrize(
    ("layers", "offer"),
    [
        ([MaxPool2d(4), Conv2d(6, 3)], "give it padding 1"),
        ([MaxPool2d(4), Conv2d(6, 3)], "use a 1x1 kernel"),
        ([MaxPool2d(4), Conv2d(6, 3)], "remove 'maxpool1'"),
        ([MaxPool2d(9)], "use a 8x8 kernel"),
        ([MaxPool2d(3, padding=2)], "give it padding 1"),
        ([Conv2d(4, 3, groups=3)], "set groups to 2"),
        ([Conv2d(4, 3, 2, "same-torch")], "write 'same'"),
        ([ReLU(), Linear(5)], "put a flatten layer before 'linear1'"),
        ([Flatten(), Conv2d(6, 3)], "remove 'flatten1'"),
        ([ConvTranspose2d(4, 3, padding=9)], "give it padding 4"),
        ([ConvTranspose2d(4, 3, output_padding=2)], "give it output padding 0"),
        (
            [named(Conv2d(4, 3), "a"), Conv2d(4, 3), join(Add(), "a")],
            "write 'same' in 'conv2'",
        ),
        (
            [named(Conv2d(4, 3), "a"), Conv2d(2, 1), ReLU(), join(Add(), "a")],
            "give 'conv2' 4 filters",
        ),
        (
            [named(Conv2d(4, 3), "a"), Conv2d(2, 3), join(Add(), "a")],
            "give 'conv2' 4 filters and 'same'",
        ),
        (
            [named(Conv2d(4, 3), "a"), Conv2d(2, 3), join(Concat(), "a")],
            "add 'crop' to it",
        ),
        ([ReLU(), Dropout(0.5), Node(Add())], "join it with 'relu1'"),
        ([Conv2d(4, 5, dilation=2)], "give it padding 1"),
    ],
)
def test_the_nearest_change_of_each_kind(
    layers: Sequence[Layer | Node], offer: str
) -> None:
    shape = (2, 8, 8)
    if isinstance(layers[0], Conv2d) and layers[0].dilation == (2, 2):
        shape = (2, 7, 7)
    assert offer in check_offers(shape, layers)


def test_one_is_singular_in_spanish() -> None:
    with speaking("es"):
        error = refused((3, 5, 5), [Conv2d(4, 3, groups=2)])
        assert "bajar el número de grupos a 1" in str(error)


def test_a_network_is_not_emptied() -> None:
    error = refused((1, 2, 2), [Linear(4)])
    assert error is not None
    assert offers(error) == ["put a flatten layer before 'linear1'"]


def test_a_flatten_layer_of_its_own_name_is_offered() -> None:
    """Where 'flatten1' is taken, the network with the new layer is still built."""
    layers = (named(ReLU(), "flatten1"), Linear(4))
    assert check_offers((1, 2, 2), layers) == ["put a flatten layer before 'linear1'"]


def test_where_no_single_change_helps_the_part_is_repaired() -> None:
    layers = (Conv2d(4, 5), Conv2d(4, 9, groups=3), Linear(3))
    error = refused((1, 4, 4), layers)
    assert error is not None
    assert LATER in str(error)
    assert check_offers((1, 4, 4), layers)


def test_where_nothing_helps_nothing_is_offered() -> None:
    error = refused((4,), [Linear(3), join(Add(), "input"), ReLU()])
    assert error is not None
    assert "work" not in str(error)
    assert not str(error).endswith(" ")


def test_the_search_ends() -> None:
    """A thousand layers and a hopeless one: the patience of the search is counted."""
    layers: list[Layer | Node] = [
        *[ReLU()] * 1000,
        Conv2d(2, 255, dilation=64),
        *[Linear(3)] * 1000,
    ]
    error = refused((1, 4, 4), layers)
    assert error is not None
    assert "Layer 'conv1' needs an input of at least" in str(error)
