"""The group of a sample: by folder, by the source's own word, by its name."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.data.dataset import Dataset
from mirada.data.groups import groups_of
from mirada.errors import ConfigurationError, DataError
from tests.refusal import refuses


def named(*names: str, parts: list[int] | None = None) -> Dataset:
    """Samples of these names, of class "cat" where the name says so, else "dog"."""
    return Dataset(
        name="pets",
        images=np.zeros((len(names), 2, 2, 1), np.uint8),
        labels=np.array([0 if "cat/" in name else 1 for name in names]),
        classes=("cat", "dog"),
        names=names,
        given=None if parts is None else np.array(parts, dtype=np.uint8),
    )


def test_the_folders_between_class_and_file() -> None:
    data = named("cat/ann/1.png", "dog/ann/2.png", "dog/ben/mai/3.png")
    assert groups_of(data, "parent") == ("ann", "ann", "ben/mai")


def test_parts_of_the_source_stand_before_the_class() -> None:
    names = ("train/cat/ann/1.png", "test/dog/ben/2.png", "train/dog/dog/dog/3.png")
    data = named(*names, parts=[0, 2, 0])
    assert groups_of(data, "parent") == ("ann", "ben", "dog/dog")


def test_paths_of_a_table_need_no_class() -> None:
    data = named("pictures/ann/1.png", "pictures/ben/2.png")
    assert groups_of(data, "parent") == ("pictures/ann", "pictures/ben")


def test_a_file_directly_in_its_class_has_no_parent() -> None:
    data = named("cat/ann/1.png", "dog/2.png")
    words = ("'dog/2.png' of pets", "by 'parent'", "lies in no folder inside its class")
    with refuses(DataError, "group-not-found", *words):
        groups_of(data, "parent")


def test_an_expression_on_the_name() -> None:
    data = named("cat/p07-1.png", "dog/p07-2.png", "dog/p12-1.png")
    assert groups_of(data, "(p[0-9]+)-") == ("p07", "p07", "p12")
    with refuses(DataError, "group-not-found", "'dog/p12-1.png'", "finds nothing"):
        groups_of(data, "(p0[0-9])-")
    with refuses(DataError, "group-not-found", "finds nothing"):
        groups_of(data, "(x?)p")


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("p[0-9]+", "it has 0 groups in parentheses"),
        ("(p)([0-9]+)", "it has 2 groups in parentheses"),
        ("cat(p", "it is no regular expression from character 4 on"),
    ],
)
def test_an_expression_needs_one_group(by: str, words: str) -> None:
    with refuses(ConfigurationError, "group-pattern", words, "'([a-z]+)_[0-9]+'"):
        groups_of(named("cat/p07-1.png"), by)


def test_the_sources_own_groups() -> None:
    data = named("cat/1.png", "dog/2.png")
    with refuses(DataError, "groups-not-given", "pets does not say", "column 'group'"):
        groups_of(data, "groups")
    told = replace(data, groups=("ann", "ben"))
    assert groups_of(told, "groups") == ("ann", "ben")
