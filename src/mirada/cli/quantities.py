"""Shares and times as the language in use writes them."""

from mirada.language import current_language, translate

__all__ = ["percent_text", "seconds_text"]


def percent_text(share: float | None) -> str:
    """A share in percent, a dash for none.

    >>> percent_text(0.98765), percent_text(None)
    ('98.8 %', '-')
    """
    return "-" if share is None else f"{_decimal(f'{100 * share:.1f}')} %"


def seconds_text(seconds: float) -> str:
    """A duration in the units people use.

    >>> seconds_text(4.25), seconds_text(80), seconds_text(7300)
    ('4.2 s', '1 min 20 s', '2 h 1 min')
    """
    if seconds < 60:
        return _decimal(f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return translate("{minutes} min {seconds} s").format(
            minutes=minutes, seconds=rest
        )
    hours, minutes = divmod(minutes, 60)
    return translate("{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def _decimal(text: str) -> str:
    return text.replace(".", ",") if current_language() == "es" else text
