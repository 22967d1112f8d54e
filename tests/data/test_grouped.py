"""No group in two parts, and every class where it can be."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.data.dataset import Dataset, Part
from mirada.data.split import Split, divide
from mirada.errors import DataError, MiradaError
from tests.data.pictures import grey_dataset
from tests.refusal import refuses


def groups_by_part(split: Split, groups: list[str]) -> list[set[str]]:
    """The groups of each part."""
    return [{groups[number] for number in split.of(part)} for part in Part]


@settings(max_examples=60)
@given(draw=st.data(), seed=st.integers(0, 2**32 - 1), folds=st.sampled_from([0, 2, 4]))
def test_no_group_is_in_two_parts(draw: st.DataObject, seed: int, folds: int) -> None:
    data = grey_dataset({"cat": 24, "dog": 16, "owl": 20}, side=1)
    names = st.sampled_from("abcdefghijkl")
    groups = draw.draw(st.lists(names, min_size=60, max_size=60))
    tested: list[int] = []
    for fold in range(folds or 1):
        try:
            split = divide(data, seed=seed, groups=groups, folds=folds, fold=fold)
        except MiradaError as error:
            assert error.code in {
                "groups-too-few",
                "class-groups-too-few",
                "groups-entangled",
            }
            return
        train, validation, test = groups_by_part(split, groups)
        assert not (train & validation or train & test or validation & test)
        assert (np.bincount(data.labels[split.train], minlength=3) > 0).all()
        tested += split.test.tolist()
    if folds:
        assert sorted(tested) == list(range(60))


def people(count: int = 30) -> tuple[Dataset, list[str]]:
    """Ten images of each person, some classes each."""
    data = grey_dataset({"a": 5 * count, "b": 3 * count, "c": 2 * count}, side=1)
    of_class = [[f"p{k}"] * n for n in (5, 3, 2) for k in range(count)]
    return data, [name for names in of_class for name in names]


def test_shares_and_classes_are_as_asked() -> None:
    data, groups = people()
    split = divide(data, groups=groups, validation=0.1, test=0.2, seed=5)
    sizes = [np.bincount(data.labels[split.of(part)]).tolist() for part in Part]
    assert sizes == [[105, 63, 42], [15, 9, 6], [30, 18, 12]]


def test_the_seed_alone_decides() -> None:
    data, groups = people()
    one, again, other = (divide(data, groups=groups, seed=s).digest for s in (1, 1, 2))
    assert one == again != other


def test_the_order_of_group_names_does_not_matter() -> None:
    data, groups = people()
    whole = divide(data, groups=groups)
    turned = [f"x{name}" for name in groups]
    assert divide(data, groups=turned).digest == whole.digest


def test_each_group_its_own_is_a_plain_split() -> None:
    data = grey_dataset({"cat": 40, "dog": 20}, side=1)
    split = divide(data, groups=[str(n) for n in range(60)])
    plain = divide(data)
    for part in Part:
        found = np.bincount(data.labels[split.of(part)])
        assert found.tolist() == np.bincount(data.labels[plain.of(part)]).tolist()


def test_parts_of_the_source_are_kept_where_they_are_apart() -> None:
    data, groups = people(6)
    of_p0 = [name == "p0" for name in groups]
    given_parts = replace(data, given=np.where(of_p0, 2, 0).astype(np.uint8))
    split = divide(given_parts, groups=groups, validation=0.2)
    assert groups_by_part(split, groups)[2] == {"p0"}
    torn = np.array(given_parts.given)
    torn[0] = 0
    with refuses(DataError, "group-in-parts", "share 1 groups ('p0')", "not group"):
        divide(replace(data, given=torn), groups=groups)


def test_too_few_groups_are_refused() -> None:
    data = grey_dataset({"cat": 9, "dog": 9}, side=1)
    groups = ["a", "b", "c"] * 3 + ["a", "b"] * 4 + ["a"]
    words = ("class 'dog' of drawn are of 2 groups", "3 are needed", "Add images")
    with refuses(DataError, "class-groups-too-few", *words):
        divide(data, groups=groups)
    assert len(divide(data, groups=groups, validation=0).test)
    with refuses(DataError, "groups-too-few", "has 3 groups; 4 are needed"):
        divide(data, groups=groups, folds=4)


def test_a_group_for_every_sample() -> None:
    data = grey_dataset({"cat": 9, "dog": 9}, side=1)
    with refuses(DataError, "groups-count", "has 18 samples, but 2 groups were given"):
        divide(data, groups=["a", "b"])


def test_entangled_groups_are_refused() -> None:
    """Three classes that share three groups in pairs: two folds cannot part them."""
    data = grey_dataset({"cat": 2, "dog": 2, "owl": 2}, side=1)
    groups = ["a", "b", "b", "c", "a", "c"]
    refused = []
    for fold in range(2):
        try:
            divide(data, groups=groups, folds=2, fold=fold, validation=0)
        except DataError as error:
            refused.append(error)
    assert [error.code for error in refused] == ["groups-entangled"]
    assert "would be left to train" in str(refused[0])
    assert len(divide(data, groups=groups, folds=3, validation=0).test) == 2


def test_a_class_of_one_group_cannot_be_tested_and_trained() -> None:
    data = grey_dataset({"cat": 4, "dog": 4}, side=1)
    groups = ["a", "b", "c", "d", "a", "a", "a", "a"]
    with refuses(DataError, "class-groups-too-few", "of 1 groups; 2 are needed"):
        divide(data, groups=groups, folds=2, validation=0)
