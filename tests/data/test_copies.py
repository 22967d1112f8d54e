"""Groups of equal images, and which kind of trouble each is."""

import numpy as np

from mirada.data.copies import (
    Samples,
    copy_warnings,
    group_warnings,
    groups,
    named,
    near_warnings,
)

NAMES = [f"{letter}.png" for letter in "abcdefgh"]


def samples(labels: list[int], parts: list[int] | None = None) -> Samples:
    """Eight images of the classes cat and dog."""
    given = None if parts is None else np.array(parts)
    return Samples(NAMES, np.array(labels), ("cat", "dog"), given)


def test_groups_are_in_order() -> None:
    assert [g.tolist() for g in groups(np.array([3, 1, 3, 2, 1, 3]))] == [
        [0, 2, 5],
        [1, 4],
    ]
    assert groups(np.empty(0, dtype=np.int64)) == []


def test_each_kind_of_copy() -> None:
    of = samples([0, 0, 0, 0, 0, 1, 0, 1], [0, 0, 0, 2, 0, 0, 0, 1])
    pixels = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    found = list(copy_warnings(of, pixels, np.array([0, 0, 1, 1, 2, 3, 4, 5])))
    told = [
        (w.code, "".join(name[0] for name in w.files), w.facts["same"]) for w in found
    ]
    assert told == [
        ("duplicates", "ab", "bytes"),
        ("leakage", "cd", "bytes"),
        ("conflicting-labels", "ef", "pixels"),
        ("leakage", "gh", "pixels"),
        ("conflicting-labels", "gh", "pixels"),
    ]
    assert found[1].facts["parts"] == ["train", "test"]
    assert "in parts 'train', 'test': 'c.png', 'd.png'" in str(found[1].text)
    assert "in classes 'cat', 'dog': 'e.png', 'f.png'" in str(found[2].text)
    assert [w.is_serious for w in found] == [False, True, True, True, True]


def test_without_parts_there_is_no_leakage() -> None:
    found = copy_warnings(samples([0] * 8), np.array([0, 0, *range(1, 7)]))
    assert [warning.code for warning in found] == ["duplicates"]


def test_near_copies_hang_together() -> None:
    pairs = np.array([[0, 3], [3, 5], [1, 2], [6, 7]])
    of = samples([0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0, 0, 0])
    found = list(near_warnings(of, pairs))
    assert [(w.code, "".join(n[0] for n in w.files)) for w in found] == [
        ("near-duplicates", "adf"),
        ("near-leakage", "bc"),
        ("near-conflicts", "gh"),
    ]
    assert not any(warning.is_serious for warning in found)
    assert list(near_warnings(of, np.empty((0, 2), dtype=np.int64))) == []


def test_groups_that_are_torn() -> None:
    of = samples([0] * 8, [0, 0, 2, 0, 0, 1, 0, 0])
    found = list(
        group_warnings(of, ["ana", "ana", "eva", "eva", "leo", "leo", "x", "y"])
    )
    told = [(w.facts["group"], w.files, w.facts["parts"]) for w in found]
    assert told == [
        ("eva", ("c.png", "d.png"), ["train", "test"]),
        ("leo", ("e.png", "f.png"), ["train", "validation"]),
    ]
    assert {w.code for w in found} == {"torn-group"} and found[0].is_serious
    assert str(found[0].text).startswith("Group 'eva' is in parts 'train', 'test'")
    assert list(group_warnings(samples([0] * 8), ["ana"] * 8)) == []


def test_many_names_are_shortened() -> None:
    assert str(named(NAMES)) == "'a.png', 'b.png', 'c.png', 'd.png' and 4 more"
