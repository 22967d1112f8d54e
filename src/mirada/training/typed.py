"""Values out of files held to the annotations of the classes that they are put in."""

import math
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["typed"]

T = TypeVar("T")


def typed(value: T) -> T:
    """The same value, when its fields are what its class says, and every number finite.

    Fields of classes are taken as they are: those are held to theirs where they are
    made. Raises TypeError.

    >>> from mirada.training.place import RateChange
    >>> typed(RateChange(3, 0.5, "fast"))
    Traceback (most recent call last):
    ...
    TypeError: learning_rate is 'fast'
    """
    kind: Any = type(value)
    for name, wanted in _hints(kind).items():
        found = getattr(value, name)
        if not _fits(found, wanted):
            raise TypeError(f"{name} is {found!r:.60}")
    return value


@cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _fits(value: object, wanted: Any) -> bool:
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in inside)
    if origin is tuple:
        return isinstance(value, tuple) and _all_fit(value, inside)
    if wanted is float:
        return isinstance(value, int | float) and _is_finite(value)
    if wanted in (int, bool, str):
        return type(value) is wanted
    return value is None if wanted is type(None) else True


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value) and not isinstance(value, bool)
    except OverflowError:  # a whole number beyond every float
        return False


def _all_fit(values: tuple[object, ...], inside: tuple[Any, ...]) -> bool:
    if inside[1:] == (Ellipsis,):
        return all(_fits(value, inside[0]) for value in values)
    return len(values) == len(inside) and all(map(_fits, values, inside))
