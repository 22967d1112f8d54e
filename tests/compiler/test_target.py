from dataclasses import replace

import pytest

from mirada.compiler.target import cores, host
from tests.compiler.programs import SMALL


def test_this_processor_is_known() -> None:
    here = host()
    assert here.triple and here.cpu and here.lanes in (4, 8, 16)
    assert here.registers in (16, 32) and host() is here


@pytest.mark.parametrize(
    ("extent", "lanes"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (9, 16), (99, 16)]
)
def test_a_vector_holds_an_axis_where_it_can(extent: int, lanes: int) -> None:
    wide = replace(SMALL, lanes=16)
    assert wide.vector(extent) == lanes
    assert SMALL.vector(extent) == min(lanes, 4)


def test_accumulators_leave_registers_for_the_rest() -> None:
    for registers in (16, 32):
        most = replace(SMALL, registers=registers).accumulators
        assert registers // 2 <= most < registers


def test_there_is_a_core() -> None:
    assert cores() >= 1
