"""Numbers as a reader of the language in use writes them, on pages and in figures.

Matrices and formulas are not among them: they keep the point that is typed.
"""

from mirada.language import count_text, decimal_mark

__all__ = ["count_text", "decimal_mark", "decimal_text", "digits_text", "percent_text"]

_NO_BREAK = "\N{NO-BREAK SPACE}"


def decimal_text(value: float | None, places: int = 2) -> str:
    """A number with so many decimals, zero without a sign; a dash for none.

    >>> decimal_text(0.125), decimal_text(-0.001), decimal_text(None)
    ('0.12', '0.00', '–')
    """
    if value is None:
        return "–"
    return decimal_mark(f"{value:z.{places}f}")


def digits_text(value: float, digits: int = 3) -> str:
    """A number with so many digits.

    >>> digits_text(17.5625), digits_text(0.04)
    ('17.6', '0.04')
    """
    return decimal_mark(f"{value:.{digits}g}")


def percent_text(share: float | None, places: int = 1) -> str:
    """A share in percent, never torn from its sign; a dash for none.

    >>> percent_text(0.98765), percent_text(None)
    ('98.8\\xa0%', '–')
    """
    if share is None:
        return "–"
    return f"{decimal_mark(f'{100 * share:.{places}f}')}{_NO_BREAK}%"
