"""Words of the figures, which say less than a message and stand nowhere else."""

from mirada.language import current_language

__all__ = ["decimal", "said", "thousands"]


def said(english: str, spanish: str) -> str:
    """The words in the language in use.

    >>> said("shift", "desplazamiento")
    'shift'
    """
    return spanish if current_language() == "es" else english


def decimal(number: float, places: int) -> str:
    """A number with so many decimals, as the language writes it.

    >>> decimal(0.8420, 3)
    '0.842'
    """
    return f"{number:.{places}f}".replace(".", said(".", ","))


def thousands(count: int) -> str:
    """A count with its thousands set apart.

    >>> thousands(48120)
    '48,120'
    """
    return f"{count:,}".replace(",", said(",", "."))
