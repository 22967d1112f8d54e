"""Buffers that are used at the same time never share their place."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.memory import ALIGNMENT, Span, arrange, padded


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    found = []
    for place in range(draw(st.integers(0, 25))):
        first = draw(st.integers(0, 30))
        last = draw(st.integers(first, 31) | st.just(2**62))
        found.append(Span(f"b{place}", draw(st.integers(0, 1000)), first, last))
    return found


@given(spans())
def test_lives_that_meet_lie_apart(given: list[Span]) -> None:
    offsets, total = arrange(given)
    assert offsets.keys() == {span.name for span in given}
    for one, other in combinations(given, 2):
        start, begin = offsets[one.name], offsets[other.name]
        meets = one.first <= other.last and other.first <= one.last
        apart = start + one.size <= begin or begin + other.size <= start
        assert apart or not meets, (one, other)
    for span in given:
        assert offsets[span.name] % ALIGNMENT == 0
        assert 0 <= offsets[span.name] <= total - padded(span.size)


@given(spans())
def test_no_more_is_taken_than_for_all_and_no_less_than_at_once(
    given: list[Span],
) -> None:
    _, total = arrange(given)
    at_once = [
        sum(padded(s.size) for s in given if s.first <= moment <= s.last)
        for moment in range(32)
    ]
    assert max(at_once) <= total <= sum(padded(span.size) for span in given)


@given(spans(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_told_does_not_matter(
    given: list[Span], shuffled: object
) -> None:
    other = list(given)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    assert arrange(given) == arrange(other)


def test_what_never_meets_shares_its_place() -> None:
    chain = [Span(f"b{place}", 640, place, place) for place in range(10)]
    offsets, total = arrange(chain)
    assert set(offsets.values()) == {0}
    assert total == 640
    assert arrange([]) == ({}, 0)
