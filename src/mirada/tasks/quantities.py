"""Shares, losses and times as the language in use writes them."""

from mirada.language import decimal_mark, translate

__all__ = [
    "decimal_text",
    "loss_text",
    "milliseconds_text",
    "percent_text",
    "seconds_text",
]

_LARGE = 1000


def decimal_text(number: float, places: int) -> str:
    """A number with so many decimals.

    >>> decimal_text(3.14159, 2)
    '3.14'
    """
    return decimal_mark(f"{number:.{places}f}")


def loss_text(loss: float) -> str:
    """A loss with four decimals, or four digits where it has run away.

    >>> loss_text(0.12345), loss_text(29042204673.9)
    ('0.1235', '2.904e+10')
    """
    return decimal_mark(f"{loss:.4f}" if loss < _LARGE else f"{loss:.4g}")


def milliseconds_text(time_ms: float) -> str:
    """A short time in milliseconds, with the two digits that count.

    >>> milliseconds_text(0.013456), milliseconds_text(4.26), milliseconds_text(1234.5)
    ('0.013 ms', '4.3 ms', '1234 ms')
    """
    if time_ms >= 100:
        return f"{time_ms:.0f} ms"
    digits = f"{float(f'{time_ms:.2g}'):.9f}".rstrip("0").rstrip(".")
    return f"{decimal_mark(digits)} ms"


def percent_text(share: float | None) -> str:
    """A share in percent, a dash for none.

    >>> percent_text(0.98765), percent_text(None)
    ('98.8 %', '-')
    """
    return "-" if share is None else f"{decimal_mark(f'{100 * share:.1f}')} %"


def seconds_text(seconds: float) -> str:
    """A duration in the units people use.

    >>> seconds_text(4.25), seconds_text(80), seconds_text(7300)
    ('4.2 s', '1 min 20 s', '2 h 1 min')
    """
    if seconds < 60:
        return decimal_mark(f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return translate("{minutes} min {seconds} s").format(
            minutes=minutes, seconds=rest
        )
    hours, minutes = divmod(minutes, 60)
    return translate("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
