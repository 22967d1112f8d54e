"""Shares and counts as a reader of the language in use writes them."""

from mirada.language import current_language

__all__ = ["count_text", "decimal_mark", "percent_text"]

_NO_BREAK = "\N{NO-BREAK SPACE}"


def decimal_mark(text: str) -> str:
    """A number that was written with a point, with the mark of the language.

    >>> decimal_mark("3.5")
    '3.5'
    """
    return text.replace(".", ",") if current_language() == "es" else text


def percent_text(share: float | None, places: int = 1) -> str:
    """A share in percent, never torn from its sign; a dash for none.

    >>> percent_text(0.98765), percent_text(None)
    ('98.8\\xa0%', '–')
    """
    if share is None:
        return "–"
    return f"{decimal_mark(f'{100 * share:.{places}f}')}{_NO_BREAK}%"


def count_text(count: int) -> str:
    """A count with its thousands set apart.

    >>> count_text(54000)
    '54,000'
    """
    return f"{count:,}".replace(",", "." if current_language() == "es" else ",")
