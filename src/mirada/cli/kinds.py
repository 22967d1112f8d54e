"""The kinds of value that options and arguments take, each with its own refusal."""

import math
import re
from typing import Any

import click

from mirada.errors import Phrase, UsageError
from mirada.network import Shape

__all__ = ["Duration", "InputShape", "NumberList", "RealNumber", "WholeNumber"]

_SHAPE = re.compile(r"[0-9]{1,9}(x[0-9]{1,9}){0,2}", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(s|min|m|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_LONGEST = 365 * 86_400
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A duration with its unit as 90s, 10m, 2h or 1h30m, in seconds.

    `option` names it.
    """

    name = "duration"

    def __init__(self, option: str) -> None:
        self.option = option

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds, or `UsageError`."""
        if isinstance(value, float):
            return value
        text = str(value).replace(" ", "")
        pieces = _SPAN.findall(text)
        is_whole = "".join(map("".join, pieces)) == text
        seconds = sum(float(count) * _SECONDS[unit] for count, unit in pieces)
        if not is_whole or not 0 < seconds <= _LONGEST:
            raise UsageError(
                "duration-option",
                "{option} must be a time with its unit (s, m, h or d), above 0 and up "
                "to a year, as in 90s, 10m or 1h30m; got {value!r}.",
                option=self.option,
                value=str(value)[:60],
            )
        return seconds


class InputShape(click.ParamType):  # type: ignore[type-arg]
    """An input shape as 3x32x32; 32x32 is one channel."""

    name = "shape"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shape:
        """The shape, or `UsageError`."""
        if isinstance(value, tuple):
            return value
        if not _SHAPE.fullmatch(value):
            raise UsageError(
                "input-option",
                "--input must be channels x height x width, as in 3x32x32; got "
                "{value!r}.",
                value=value[:60],
            )
        sizes = tuple(map(int, value.split("x")))
        return (1, *sizes) if len(sizes) == 2 else sizes


class WholeNumber(click.ParamType):  # type: ignore[type-arg]
    """A whole number from `low` to `high`, both included; `option` names it."""

    name = "number"

    def __init__(self, option: str, low: int, high: int) -> None:
        self.option, self.low, self.high = option, low, high

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number, or `UsageError`."""
        whole = isinstance(value, int) or _WHOLE.fullmatch(value)
        if not whole or not self.low <= int(value) <= self.high:
            raise UsageError(
                "whole-option",
                "{option} must be a whole number from {low} to {high}; got {value!r}.",
                option=self.option,
                low=self.low,
                high=self.high,
                value=str(value)[:60],
            )
        return int(value)


class RealNumber(click.ParamType):  # type: ignore[type-arg]
    """A number from `low` to `high`, which `below` leaves out; `option` names it."""

    name = "number"

    def __init__(
        self, option: str, low: float, high: float, *, below: bool = False
    ) -> None:
        self.option, self.low, self.high, self.below = option, low, high, below

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or `UsageError`."""
        # float() also takes "1_0", "inf" and other scripts' digits.
        plain = not set(str(value)) - set("0123456789+-.eE")
        try:
            number = float(value) if plain else math.nan
        except ValueError:
            number = math.nan
        inside = self.low <= number <= self.high
        if not inside or (self.below and number == self.high):
            raise UsageError(
                "real-option",
                "{option} must be a number {range}; got {value!r}.",
                option=self.option,
                range=self._range(),
                value=str(value)[:60],
            )
        return number

    def _range(self) -> Phrase:
        bounds = {"low": f"{self.low:.15g}", "high": f"{self.high:.15g}"}
        if self.below:
            return Phrase("from {low} to below {high}", **bounds)
        return Phrase("from {low} to {high}", **bounds)


class NumberList(click.ParamType):  # type: ignore[type-arg]
    """One number, or `most` between commas, each from `low` to `high`."""

    name = "numbers"

    def __init__(self, option: str, most: int, low: float, high: float) -> None:
        self.option, self.most = option, most
        self.each = RealNumber(option, low, high)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """The numbers, or `UsageError`."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if len(parts) not in (1, self.most):
            raise UsageError(
                "numbers-option",
                "{option} must be one number or {most} between commas; got {value!r}.",
                option=self.option,
                most=self.most,
                value=str(value)[:60],
            )
        return tuple(self.each.convert(part.strip(), param, ctx) for part in parts)
