"""Which samples belong together: the same person, the same scene, the same folder."""

import re
from collections.abc import Iterator

from mirada.data.dataset import Dataset
from mirada.data.naming import shown
from mirada.errors import ConfigurationError, DataError, Phrase

__all__ = ["FIELD", "PARENT", "UNGROUPED", "groups_of"]

PARENT = "parent"
"""The folders of a file inside its class, as "alice" of "cat/alice/1.png"."""
FIELD = "groups"
"""What the source itself says, as the column of a table."""
UNGROUPED = "none"
"""Every sample by itself, though the source says otherwise."""


def groups_of(data: Dataset, by: str) -> tuple[str, ...]:
    """The group of every sample, found `by` one of three ways.

    "parent" takes the folders between the class and the file, so that "cat/ann/1.png"
    and "dog/ann/2.png" are of one group, "ann"; "groups" takes what the source says;
    anything else is a regular expression whose one group in parentheses, searched in
    the sample's name, is its group.

    Raises ConfigurationError (`group-pattern`), DataError (`group-not-found`,
    `groups-not-given`).

    >>> import numpy as np
    >>> names = ("cat/ann_1.png", "cat/ben_1.png", "dog/ann_2.png")
    >>> data = Dataset("pets", np.zeros((3, 2, 2, 1), np.uint8), np.array([0, 0, 1]),
    ...                ("cat", "dog"), names)
    >>> groups_of(data, "([a-z]+)_")
    ('ann', 'ben', 'ann')
    """
    if by == FIELD:
        return _given(data)
    found = _folders(data) if by == PARENT else _matches(data, _pattern(by))
    groups = tuple(found)
    for name, group in zip(data.names, groups, strict=True):
        if not group:
            raise _not_found(data, by, name)
    return groups


def _given(data: Dataset) -> tuple[str, ...]:
    if data.groups is None:
        raise DataError(
            "groups-not-given",
            "{source} does not say which samples belong together. Give a table with a "
            "column 'group', or group by 'parent' or by a regular expression.",
            source=data.name,
        )
    return data.groups


def _folders(data: Dataset) -> Iterator[str]:
    """What stands between the folder of the class and the file."""
    for name, label in zip(data.names, data.labels.tolist(), strict=True):
        parts, wanted = name.split("/"), shown(data.classes[label])
        # With parts of its own a source has one more folder before that of the class.
        places = (0, 1) if data.given is None else (1, 0)
        found = [p for p in places if p + 1 < len(parts) and parts[p] == wanted]
        yield "/".join(parts[found[0] + 1 if found else 0 : -1])


def _matches(data: Dataset, pattern: re.Pattern[str]) -> Iterator[str]:
    for name in data.names:
        match = pattern.search(name)
        yield (match[1] or "") if match else ""


def _pattern(by: str) -> re.Pattern[str]:
    reason: Phrase | str
    try:
        pattern = re.compile(by)
    except (re.error, OverflowError, RecursionError) as error:
        reason = _broken(error)
    else:
        if pattern.groups == 1:
            return pattern
        reason = Phrase("it has {count} groups in parentheses", count=pattern.groups)
    raise ConfigurationError(
        "group-pattern",
        "Samples cannot be grouped by {by!r} ({reason}). Give 'parent', 'groups', or a "
        "regular expression with one group in parentheses, as '([a-z]+)_[0-9]+'.",
        by=by[:100],
        reason=reason,
    )


def _broken(error: Exception) -> Phrase | str:
    """Where a regular expression breaks off; Python's own words are English."""
    place = getattr(error, "pos", None)
    if place is None:
        return str(error)[:100]
    return Phrase(
        "it is no regular expression from character {place} on", place=place + 1
    )


def _not_found(data: Dataset, by: str, name: str) -> DataError:
    if by == PARENT:
        why = Phrase("it lies in no folder inside its class")
    else:
        why = Phrase("the expression finds nothing in its name")
    return DataError(
        "group-not-found",
        "Sample '{name}' of {source} has no group by {by!r}: {why}. Every sample needs "
        "one; move the file, or group by something else.",
        name=name[:200],
        source=data.name,
        by=by[:100],
        why=why,
    )
