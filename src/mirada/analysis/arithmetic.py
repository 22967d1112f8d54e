"""Exact numbers as text: every result is shown with the numbers put in."""

from decimal import Decimal
from fractions import Fraction

from mirada.language import count_text

__all__ = [
    "Count",
    "Worked",
    "bracketed",
    "equation",
    "number",
    "plain_number",
    "times",
]


class Count(int):
    """A count that is read with its thousands set apart, as the language in use does.

    >>> f"{Count(14455392)} parameters"
    '14,455,392 parameters'
    """

    def __str__(self) -> str:
        return count_text(int(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def number(value: Fraction | int) -> str:
    """The exact value: in decimals where they end, as a fraction where they do not.

    >>> number(Fraction(29, 2)), number(Fraction(32, 3)), number(28)
    ('14.5', '32/3', '28')
    """
    exact = Fraction(value)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    return f"{Decimal(exact.numerator) / exact.denominator:f}"


def plain_number(value: Fraction) -> int | float:
    """The value as JSON has it: a whole number whole.

    >>> plain_number(Fraction(4, 2)), plain_number(Fraction(29, 2))
    (2, 14.5)
    """
    return value.numerator if value.denominator == 1 else float(value)


def bracketed(number: object) -> str:
    """A number as it stands after a sign: a negative one in brackets.

    >>> bracketed(-3), bracketed("2.5")
    ('(-3)', '2.5')
    """
    text = str(number)
    return f"({text})" if text.startswith("-") else text


def times(*factors: int) -> str:
    """The factors as a product.

    >>> times(5, 5, 3)
    '5*5*3'
    """
    return "*".join(map(str, factors))


def equation(left: str, result: Fraction | int) -> str:
    """A substitution and what it comes to.

    >>> equation("(5*5*3 + 1)*6", 456)
    '(5*5*3 + 1)*6 = 456'
    """
    return f"{left} = {number(result)}"


class Worked:
    """An `equation` with a whole result, which is read as a `Count`.

    >>> str(Worked("(32*32*3 + 1)*28*28*6 = 14455392"))
    '(32*32*3 + 1)*28*28*6 = 14,455,392'
    """

    def __init__(self, formula: str) -> None:
        self.formula = formula

    def __str__(self) -> str:
        left, _, result = self.formula.rpartition(" = ")
        return f"{left} = {Count(result)}"
