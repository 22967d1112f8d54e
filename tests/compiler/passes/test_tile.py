import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.ir import Buffer, For, Kernel, Var
from mirada.compiler.passes import tile, unroll
from mirada.compiler.passes.rewrite import walk
from mirada.errors import InternalError
from tests.compiler.passes.kernels import DRAWN, copied, keeps_meaning
from tests.refusal import refuses


@settings(max_examples=60)
@given(DRAWN, st.sampled_from("ijk"), st.integers(1, 12))
def test_tiles_keep_the_meaning(kernel: Kernel, var: str, size: int) -> None:
    keeps_meaning(kernel, tile(kernel, var, size))


@settings(max_examples=40)
@given(DRAWN, st.sampled_from("ijk"))
def test_unrolling_keeps_the_meaning(kernel: Kernel, var: str) -> None:
    made = unroll(kernel, var)
    assert var not in turns(made)
    keeps_meaning(kernel, made)


@settings(max_examples=30)
@given(DRAWN, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_tiles_inside_tiles_keep_the_meaning(
    kernel: Kernel, first: int, second: int, third: int
) -> None:
    made = tile(tile(tile(kernel, "i", first), "j", second), "j.in", third)
    keeps_meaning(kernel, made)


def turns(kernel: Kernel) -> dict[str, object]:
    """How often each loop turns."""
    return {s.var: s.extent for s in walk(kernel.body) if isinstance(s, For)}


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (2, {"j.tile": 3, "j.in": 2, "j.in.rest": 1}),
        (7, {"j.in": 7}),
        (9, {"j.in": 7}),
        (4, {"j.in": 4, "j.in.rest": 3}),
    ],
)
def test_a_loop_is_cut_in_tiles_and_a_rest(size: int, wanted: dict[str, int]) -> None:
    found = turns(tile(copied(1, 7, 1), "j", size))
    assert {name: n for name, n in found.items() if name[0] == "j"} == wanted


def test_a_loop_of_varying_length_is_refused() -> None:
    made = Kernel("tried", (), (Buffer("x", (1,)),), (For("i", Var("count"), ()),))
    for change in (lambda: tile(made, "i", 2), lambda: unroll(made, "i")):
        with refuses(InternalError, "pass-varying-loop", "Loop 'i' of kernel 'tried'"):
            change()
