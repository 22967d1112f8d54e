"""Every parameter has a place of its own, the same in every program."""

from math import prod

import pytest
from hypothesis import given, settings

from mirada.compiler.plan import plan
from mirada.compiler.program import PARTS
from mirada.compiler.slots import slots
from mirada.compiler.stages import Form, cut
from mirada.network import Network, Recipe
from tests.compiler.programs import CASES, MODES, SMALL
from tests.engines.drawn import compiled_networks


@settings(max_examples=30)
@given(compiled_networks(scores=True))
def test_slots_lie_apart_the_learned_ones_first(network: Network) -> None:
    found, _, learned, length = slots(network, cut(network, Form()))
    assert [*found] == [*network.parameters]
    assert learned % PARTS == length % PARTS == 0
    end = 0
    for slot in sorted(found.values(), key=lambda one: one.offset):
        assert slot.offset >= end
        end = slot.offset + prod(slot.shape)
        statistic = network.parameters[slot.name].role == "statistic"
        assert statistic == (slot.offset >= learned)
        assert prod(slot.native) == prod(slot.split) == prod(slot.shape)
        assert sorted(slot.axes) == list(range(len(slot.split)))
    assert end <= length


@pytest.mark.parametrize("name", CASES)
def test_every_program_has_the_same(name: str) -> None:
    network, recipe = CASES[name]
    found = [
        plan(network, Recipe(recipe.loss, recipe.optimizer), mode, batch, SMALL)
        for mode in MODES
        for batch in (1, 16)
    ]
    for program in found[1:]:
        assert program.slots == found[0].slots
        assert (program.learned, program.length) == (
            found[0].learned,
            found[0].length,
        )
