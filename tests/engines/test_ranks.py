"""Processes that train together compute what one would, and know when they do not."""

import json
from typing import Any

import pytest

from tests.engines.launching import in_ranks

pytest.importorskip("torch")

Found = list[dict[str, Any]]


@pytest.fixture(scope="module")
def found() -> Found:
    """What three processes found, see `ranks_child`; in a batch of 2 one has none."""
    told = in_ranks(3, ["tests.engines.ranks_child"])
    return [json.loads(lines.splitlines()[-1]) for lines in told]


def test_a_step_of_all_is_within_the_bounds_of_the_law(found: Found) -> None:
    assert [each["lawful"] for each in found] == ["", "", ""]


def test_other_images_in_a_share_are_outside_of_them(found: Found) -> None:
    assert all("instead of" in each["turned"] for each in found)


def test_all_learn_the_same_again_and_again(found: Found) -> None:
    learned = [each["learning"] for each in found]
    assert len({each["digest"] for each in learned}) == 1
    assert all(each["again"] == each["digest"] for each in learned)


def test_all_learn_what_one_would(found: Found) -> None:
    # Ten steps; promise D4 allows twenty 5e-4.
    assert all(each["learning"]["off"] < 5e-4 for each in found)


def test_answers_that_are_shared_are_those_of_one(found: Found) -> None:
    assert all(each["learning"]["answers"] for each in found)


@pytest.mark.parametrize(
    ("question", "words"),
    (
        (
            "reseeded",
            ("Process 2 would not train what process 0 does: recipe.seed: 0",),
        ),
        ("others", ("ranks-differ", "data.fingerprint")),
        ("small", ("ranks-without-images", "3 processes share a batch of 2 images")),
    ),
)
def test_one_that_differs_says_in_what(
    found: Found, question: str, words: tuple[str, ...]
) -> None:
    assert [each[question] for each in found[:2]] == ["rank 2", "rank 2"]
    for part in words:
        assert part in found[2][question]


def test_those_that_are_alike_begin(found: Found) -> None:
    assert [each["alike"] for each in found] == ["alike"] * 3
