"""What `--search` may say, and values that only depend on where they are drawn."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.errors import ConfigurationError
from mirada.training.search import Among, Between, Searched, draw, read_searched
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("lr=log 0.001..0.1", Between(0.001, 0.1, log=True)),
        ("lr=0.5..1", Between(0.5, 1.0)),
        ("conv1.out_channels=8..64", Between(8, 64, whole=True)),
        ("c=log 8..64", Between(8, 64, log=True, whole=True)),
        ("ema=0..0.5", Between(0, 0.5)),
        ("clip=1e-3..1e2", Between(0.001, 100)),
        ("momentum=-1..1", Between(-1, 1, whole=True)),
        ("batch=32|64", Among((32, 64))),
        ("optimizer=sgd 0.1|adamw", Among(("sgd 0.1", "adamw"))),
        ("augment=none|crop 4, flip", Among(("none", "crop 4, flip"))),
        ("conv1.kernel_size=3x3 | 5x5", Among(("3x3", "5x5"))),
        ("lr=0.1", Among((0.1,))),
    ],
)
def test_what_can_be_read_can_be_written(text: str, domain: object) -> None:
    found = read_searched(text)
    assert found.domain == domain
    assert read_searched(found.text()) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lr", "it is no NAME=VALUES"),
        ("=3", "it is no NAME=VALUES"),
        ("lr=", "it is no NAME=VALUES"),
        ("l r=3", "it is no NAME=VALUES"),
        ("lr=1..1", "its second end must be above the first"),
        ("lr=2..1", "its second end must be above the first"),
        ("lr=log 0..1", "with log both ends must be above 0"),
        ("lr=1e400..2", "its second end must be above"),
        ("lr=-..2", "its ends are no numbers"),
        ("batch=32||64", "a value is empty"),
        ("batch=32|32", "a value is there twice"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, words: str) -> None:
    with refuses(ConfigurationError, "search-text", words, "'batch=32|64|128'"):
        read_searched(text)


@given(
    share=st.floats(0, 1, exclude_max=True),
    low=st.integers(1, 50),
    more=st.integers(1, 50),
    log=st.booleans(),
)
def test_a_number_lies_in_its_range(
    share: float, low: int, more: int, log: bool
) -> None:
    whole = Between(low, low + more, log=log, whole=True).at(share)
    assert isinstance(whole, int) and low <= whole <= low + more
    real = Between(low, low + more, log=log).at(share)
    assert low * 0.999 <= real <= (low + more) * 1.001


def test_whole_numbers_are_as_likely_each() -> None:
    space = [Searched("n", Between(1, 4, whole=True))]
    counts = Counter(draw(space, 0, trial) for trial in range(2000))
    assert set(counts) == {(1,), (2,), (3,), (4,)}
    assert all(430 <= count <= 570 for count in counts.values())


def test_log_spreads_over_factors() -> None:
    domain = Between(0.001, 0.1, log=True)
    drawn = [draw([Searched("lr", domain)], 0, n) for n in range(1000)]
    below = sum(1 for found in drawn if found and float(found[0]) < 0.01)
    assert 450 <= below <= 550


def test_a_trial_is_the_same_whenever_it_is_drawn() -> None:
    space = [read_searched("lr=log 0.001..0.1"), read_searched("batch=16|32|64")]
    assert [draw(space, 3, n) for n in (7, 2)] == [draw(space, 3, n) for n in (7, 2)]
    assert draw(space, 3, 7) != draw(space, 4, 7)


def test_values_are_not_tried_twice_and_run_out() -> None:
    space = [read_searched("a=1|2"), read_searched("b=x|y")]
    taken: list[tuple[str | int | float, ...]] = []
    while (found := draw(space, 0, len(taken), taken)) is not None:
        taken.append(found)
    assert sorted(taken) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
