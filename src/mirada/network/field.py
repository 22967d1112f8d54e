"""Declared limits: one declaration is the check, the message, the text and the form.

A limit is a descriptor. `stride: Pair = Pair(Whole(1, 64), default=1)` in a frozen
dataclass checks and normalizes what the constructor is given, reads and writes the
short text form, and describes a form control; the tests draw values from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import inf, isfinite, nan
from typing import Any, Generic, Self, TypeVar, overload

from mirada.errors import FieldError, Phrase

__all__ = [
    "Choice",
    "Flag",
    "Limit",
    "Numbers",
    "Optional",
    "Pair",
    "Real",
    "Whole",
    "shown",
]

T = TypeVar("T")
_REQUIRED: Any = object()


class Limit(ABC, Generic[T]):
    """What one field of a description may be; abstract."""

    def __init__(self, default: Any = _REQUIRED) -> None:
        self._default = default
        self.field = ""
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.field = name, f"{owner.__name__}.{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> T: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T:
        if instance is not None:
            return instance.__dict__[self.name]  # type: ignore[no-any-return]
        if self._default is _REQUIRED:
            raise AttributeError(self.name)
        return self.check(self._default)

    def __set__(self, instance: object, value: Any) -> None:
        instance.__dict__[self.name] = self.check(value)

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self._default is _REQUIRED

    @property
    def default(self) -> T:
        """The value taken when none is given."""
        return self.check(self._default)

    def inside(self, field: str) -> Self:
        """This limit, speaking of `field` in its messages."""
        self.field = field
        return self

    @abstractmethod
    def check(self, value: Any) -> T:
        """The normalized value, or `FieldError`."""

    def claims(self, word: str) -> bool:
        """Whether a bare word of the text form is a value of this field."""
        return False

    @abstractmethod
    def read(self, text: str) -> T:
        """The value of one word of the short text form."""

    def write(self, value: T) -> str:
        """One word of the short text form, which `read` takes back."""
        return str(value)

    def plain(self, value: T) -> Any:
        """The value as JSON has it."""
        return value

    @abstractmethod
    def control(self) -> Mapping[str, Any]:
        """A form control: its type and its bounds."""


class Whole(Limit[int]):
    """A whole number from `low` to `high`, both included."""

    def __init__(self, low: int, high: int, default: Any = _REQUIRED) -> None:
        super().__init__(default)
        self.low, self.high = low, high

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            number = None
        else:
            number = int(value)
        if number is None or not self.low <= number <= self.high:
            raise FieldError(
                "field-whole",
                "{field} must be a whole number from {low} to {high}; got {value}.",
                field=self.field,
                low=self.low,
                high=self.high,
                value=shown(value),
            )
        return number

    def read(self, text: str) -> int:
        # int() also takes "1_0" and other scripts' digits; a description does not.
        digits = text.removeprefix("-")
        plain = digits.isascii() and digits.isdigit() and len(digits) < 20
        return self.check(int(text) if plain else text)

    def control(self) -> Mapping[str, Any]:
        return {"type": "number", "min": self.low, "max": self.high, "step": 1}


class Real(Limit[float]):
    """A finite number from `low` to `high`; `below` leaves `high` itself out."""

    def __init__(
        self,
        low: float,
        high: float,
        default: Any = _REQUIRED,
        *,
        above: bool = False,
        below: bool = False,
    ) -> None:
        super().__init__(default)
        self.low, self.high, self.above, self.below = low, high, above, below

    def check(self, value: Any) -> float:
        number = _float(value)
        if not isfinite(number) or not self._holds(number):
            raise FieldError(
                "field-real",
                "{field} must be a number {range}; got {value}.",
                field=self.field,
                range=self._range(),
                value=shown(value),
            )
        return number

    def _holds(self, value: float) -> bool:
        low = self.low < value if self.above else self.low <= value
        return low and (value < self.high if self.below else value <= self.high)

    def _range(self) -> Phrase:
        bounds = {"low": f"{self.low:g}", "high": f"{self.high:g}"}
        if self.above:
            return Phrase("above {low} and up to {high}", **bounds)
        if self.below:
            return Phrase("from {low} to below {high}", **bounds)
        return Phrase("from {low} to {high}", **bounds)

    def read(self, text: str) -> float:
        # float() also takes "1_0", "inf" and other scripts' digits.
        plain = text.isascii() and not set(text) - set("0123456789+-.eE")
        try:
            number = float(text) if plain else None
        except ValueError:
            number = None
        return self.check(text if number is None else number)

    def write(self, value: float) -> str:
        return repr(value)

    def control(self) -> Mapping[str, Any]:
        return {"type": "number", "min": self.low, "max": self.high, "step": "any"}


class Flag(Limit[bool]):
    """Yes or no."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise FieldError(
                "field-flag",
                "{field} must be true or false; got {value}.",
                field=self.field,
                value=shown(value),
            )
        return value

    def read(self, text: str) -> bool:
        return self.check({"true": True, "false": False}.get(text, text))

    def write(self, value: bool) -> str:
        return "true" if value else "false"

    def control(self) -> Mapping[str, Any]:
        return {"type": "checkbox"}


class Choice(Limit[str]):
    """One of a few words."""

    def __init__(self, *options: str, default: Any = _REQUIRED) -> None:
        super().__init__(default)
        self.options = options

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise FieldError(
                "field-choice",
                "{field} must be one of {options}; got {value}.",
                field=self.field,
                options=", ".join(self.options),
                value=shown(value),
            )
        return value

    def read(self, text: str) -> str:
        return self.check(text)

    def control(self) -> Mapping[str, Any]:
        return {"type": "select", "options": list(self.options)}


class Pair(Limit[tuple[int, int]]):
    """Two whole numbers, height first; one number stands for both."""

    def __init__(
        self, each: Whole, default: Any = _REQUIRED, *, both: bool = False
    ) -> None:
        super().__init__(default)
        self.each, self.both = each, both

    def __set__(self, instance: object, value: int | Sequence[int]) -> None:
        super().__set__(instance, value)

    def check(self, value: Any) -> tuple[int, int]:
        each = self.each.inside(self.field)
        if not isinstance(value, list | tuple):
            return (each.check(value),) * 2
        if len(value) != 2:
            raise FieldError(
                "field-pair",
                "{field} must be one whole number or two (height, width); got {value}.",
                field=self.field,
                value=shown(value),
            )
        return each.check(value[0]), each.check(value[1])

    def read(self, text: str) -> tuple[int, int]:
        parts = [self.each.inside(self.field).read(part) for part in text.split("x")]
        return self.check(parts[0] if len(parts) == 1 else parts)

    def write(self, value: tuple[int, int]) -> str:
        height, width = value
        return f"{height}x{width}" if self.both or height != width else str(height)

    def plain(self, value: tuple[int, int]) -> Any:
        return list(value)

    def control(self) -> Mapping[str, Any]:
        return {"type": "pair", "each": self.each.control()}


class Numbers(Limit[tuple[float, ...]]):
    """A list of numbers, possibly empty."""

    def __init__(self, each: Real, most: int, default: Any = ()) -> None:
        super().__init__(default)
        self.each, self.most = each, most

    def __set__(self, instance: object, value: Sequence[float]) -> None:
        super().__set__(instance, value)

    def check(self, value: Any) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise FieldError(
                "field-numbers",
                "{field} must be a list of at most {most} numbers; got {value}.",
                field=self.field,
                most=self.most,
                value=shown(value),
            )
        return tuple(self.each.inside(self.field).check(item) for item in value)

    def read(self, text: str) -> tuple[float, ...]:
        each = self.each.inside(self.field)
        return self.check([each.read(part) for part in text.split(",")])

    def write(self, value: tuple[float, ...]) -> str:
        return ",".join(map(repr, value))

    def plain(self, value: tuple[float, ...]) -> Any:
        return list(value)

    def control(self) -> Mapping[str, Any]:
        return {"type": "numbers", "most": self.most, "each": self.each.control()}


class Optional(Limit[T | None], Generic[T]):
    """A value of another limit, or nothing."""

    def __init__(self, inner: Limit[T]) -> None:
        super().__init__(None)
        self.inner = inner

    def check(self, value: Any) -> T | None:
        return None if value is None else self.inner.inside(self.field).check(value)

    def read(self, text: str) -> T | None:
        return self.inner.inside(self.field).read(text)

    def write(self, value: T | None) -> str:
        return "" if value is None else self.inner.write(value)

    def plain(self, value: T | None) -> Any:
        return None if value is None else self.inner.plain(value)

    def control(self) -> Mapping[str, Any]:
        return {**self.inner.control(), "optional": True}


def shown(value: object, most: int = 60) -> str:
    """A value in a message: whole when short, cut when somebody pasted a book.

    >>> shown("5x5"), shown([0] * 100, most=12)
    ("'5x5'", '[0, 0, 0,...')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Python prints no number of 5,000 digits and no list of 5,000 depths.
        text = type(value).__name__
    return text if len(text) <= most else text[: most - 3] + "..."


def _float(value: object) -> float:
    """The number, or NaN for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan
    try:
        return float(value)
    except OverflowError:
        return inf
