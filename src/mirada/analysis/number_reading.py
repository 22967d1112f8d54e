"""The numbers that a person writes: plain, set apart, in percent, or as a formula.

A point or a comma may set thousands apart or begin the decimals, by the language; both
are read, and the reader takes what fits. Formulas are computed exactly, with no
evaluation of code: + - * / ^ %, brackets, floor and ceil, all of bounded size.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

__all__ = ["Amount", "amounts", "plain_text", "value_of"]

_LONGEST = 200
_DEEPEST = 40
_LARGEST = 10**30
_TOKEN = re.compile(
    r"\s*(?:([0-9]{1,3}(?: [0-9]{3})+(?![0-9])(?:[.,][0-9]+)?|[0-9]+(?:[.,'][0-9]+)*"
    r"|[.,][0-9]+)|([a-z]+)|(.))"
)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009\u2007", " "),
        **dict.fromkeys("×✕✖", "x"),
        **dict.fromkeys("·⋅∗•", "*"),
        **dict.fromkeys("−–", "-"),
        **dict.fromkeys("≈≅→⇒", "="),
        **dict.fromkeys("[{", "("),
        **dict.fromkeys("]}", ")"),
        **{"÷": "/", "²": "^2", "³": "^3", "’": "'", "⌋": ")", "⌉": ")"},
        **{"⌊": "floor(", "⌈": "ceil("},
    }
)
_ROUNDINGS = {"floor": floor, "piso": floor, "ceil": ceil, "techo": ceil}
_SCALES = {"k": 3, "mil": 3, "m": 6, "million": 6, "millones": 6, "millon": 6}
_SCALED = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?([a-z]+)")
_UNITS = re.compile(
    r"(?<=[0-9)]) ?(px|pixels?|pixeles|params?|parameters?|parametros?|weights|pesos"
    r"|neurons?|neuronas?|macs?|operations?|operaciones|filters?|filtros?|maps?|mapas?"
    r"|channels?|canal(?:es)?)$"
)
_NOTHING = (
    *("none", "ninguno", "ninguna", "cero", "zero", "nothing", "nada", "no", "no hay"),
    *("no tiene", "no aprende", "sin parametros", "no parameters", "no params"),
)
_REMARK = re.compile(r"(?<=[0-9)]) ?\([^()]*[a-z]{3,}[^()0-9]*[0-9]*\)$")


class Amount(NamedTuple):
    """One reading of a number: its value, and half a unit of what it is rounded to."""

    value: Fraction
    slack: Fraction = Fraction(0)

    def is_near(self, value: Fraction | int) -> bool:
        """Whether a true value could have been written so."""
        return abs(self.value - value) <= self.slack


def plain_text(text: str) -> str:
    """The text in lower case with the signs that `value_of` knows, no accents, no unit.

    A remark in brackets at the end is left out, too.

    >>> plain_text("(5·5 × 3² − 1) parámetros"), plain_text("28x28x6 (con relleno 2)")
    ('(5*5 x 3^2 - 1)', '28x28x6')
    """
    signs = text.translate(_SIGNS).replace("**", "^").replace("->", "=")
    apart = unicodedata.normalize("NFKD", signs.replace("=>", "="))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _UNITS.sub("", _REMARK.sub("", " ".join(bare.casefold().split())))


def amounts(text: str) -> tuple[Amount, ...]:
    """Every number that a text can be read as; none where it cannot be read.

    >>> [str(amount.value) for amount in amounts("62.006")]
    ['62006', '31003/500']
    >>> amounts("(5*5*3 + 1)*6")[0].value, amounts("62k")[0].is_near(62006)
    (Fraction(456, 1), True)
    """
    plain = plain_text(text)
    if plain in _NOTHING:
        return (Amount(Fraction(0)),)
    scaled = _SCALED.fullmatch(plain)
    if scaled and scaled[2] in _SCALES:
        return tuple(_scaled(scaled[1], 10 ** _SCALES[scaled[2]]))
    found = (value_of(plain, decimal=decimal) for decimal in (False, True))
    return tuple(Amount(v) for v in dict.fromkeys(found) if v is not None)


def _scaled(digits: str, scale: int) -> Iterator[Amount]:
    whole, _, decimals = digits.replace(",", ".").partition(".")
    unit = Fraction(scale, 10 ** len(decimals))
    if len(digits) < _LONGEST:
        yield Amount(int(whole + decimals) * unit, unit / 2)


def value_of(plain: str, *, decimal: bool = False) -> Fraction | None:
    """What a formula of `plain_text` comes to, None where it cannot be computed.

    With `decimal` a point or comma before three digits begins decimals.

    >>> value_of("(32 - 5 + 2*2)/1 + 1"), value_of("1/0"), value_of("floor(14.5)")
    (Fraction(32, 1), None, Fraction(14, 1))
    """
    if len(plain) > _LONGEST:
        return None
    try:
        return _Formula(plain, decimal).value()
    except (ValueError, ZeroDivisionError):
        return None


class _Formula:
    """A formula while it is read, by recursive descent."""

    def __init__(self, text: str, decimal: bool) -> None:
        self._tokens = list(_tokens(text, decimal))
        self._depth = 0

    def value(self) -> Fraction:
        """The value of the whole text; ValueError where it is no formula."""
        found = self._sum()
        if self._tokens:
            raise ValueError
        return found

    def _next(self, *wanted: str) -> str:
        """Takes the next sign where it is one of the wanted."""
        if self._tokens and self._tokens[0] in wanted:
            return str(self._tokens.pop(0))
        return ""

    def _sum(self) -> Fraction:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError
        found = self._product()
        while sign := self._next("+", "-"):
            other = self._product()
            found = _bounded(found + other if sign == "+" else found - other)
        self._depth -= 1
        return found

    def _product(self) -> Fraction:
        found = self._power()
        while True:
            if sign := self._next("*", "x", "/"):
                other = self._power()
                found = _bounded(found / other if sign == "/" else found * other)
            elif self._tokens and self._tokens[0] == "(":
                found = _bounded(found * self._power())
            else:
                return found

    def _power(self) -> Fraction:
        if sign := self._next("+", "-"):
            return self._share() * (-1 if sign == "-" else 1)
        return self._share()

    def _share(self) -> Fraction:
        found = self._raised()
        return found / 100 if self._next("%") else found

    def _raised(self) -> Fraction:
        found = self._atom()
        if self._next("^"):
            exponent = self._atom()
            if exponent.denominator != 1 or not 0 <= exponent <= 8:
                raise ValueError
            found = _bounded(found ** int(exponent))
        return found

    def _atom(self) -> Fraction:
        if self._tokens and isinstance(self._tokens[0], Fraction):
            return _bounded(Fraction(self._tokens.pop(0)))
        name = self._next(*_ROUNDINGS)
        if not self._next("("):
            raise ValueError
        found = self._sum()
        if not self._next(")"):
            raise ValueError
        return Fraction(_ROUNDINGS[name](found)) if name else found


def _bounded(value: Fraction) -> Fraction:
    if max(abs(value.numerator), value.denominator) > _LARGEST:
        raise ValueError
    return value


def _tokens(text: str, decimal: bool) -> Iterator[Fraction | str]:
    for number, word, sign in _TOKEN.findall(text.strip()):
        yield _number(number, decimal) if number else word or sign


def _number(digits: str, decimal: bool) -> Fraction:
    """The value of one number with its separators; ValueError where they do not fit.

    A number that begins with 0 and goes on is the rest of one that was cut in two.
    """
    parts = re.split(r"[ .,']", digits if digits[0].isdecimal() else f"0{digits}")
    signs = [sign for sign in digits if not sign.isdecimal()]
    whole, last = parts[:-1], parts[-1]
    if len(parts) == 1:
        whole, last = parts, ""
    elif _is_grouped(parts) and len(set(signs)) == 1:
        if len(signs) > 1 or signs[0] in " '" or not decimal:
            whole, last = parts, ""
    elif not _is_grouped(whole) or signs[-1] in (" ", "'", *signs[:-1]):
        raise ValueError
    joined = "".join(whole)
    if len(joined) > 1 and joined.startswith("0"):
        raise ValueError
    return Fraction(int(joined + last), 10 ** len(last))


def _is_grouped(parts: list[str]) -> bool:
    """Whether the parts are thousands: 62 006, but not 28 28."""
    first, *others = parts
    if not others:
        return True
    is_first = len(first) <= 3 and first != "0"
    return is_first and all(len(part) == 3 for part in others)
