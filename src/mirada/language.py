"""The language people are spoken to in: English in the source, Spanish by catalogue.

Catalogues are gettext's (`locale/<language>/LC_MESSAGES/mirada.po`); click looks its
own words up in the same domain, so help and usage errors change language too.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "count_text",
    "current_language",
    "decimal_mark",
    "speaking",
    "translate",
    "use_language",
]

LANGUAGES = ("en", "es")

_DOMAIN = "mirada"
_LOCALE = Path(__file__).parent / "locale"
_chosen: list[str] = []
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def use_language(name: str | None) -> None:
    """Sets the language of every later message; None goes back to the locale's."""
    _chosen[:] = [] if name is None else [name]
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain(_DOMAIN, str(_LOCALE))
    gettext.textdomain(_DOMAIN)


def current_language() -> str:
    """The language in use: that of `speaking`, the chosen one, the locale's, English.

    >>> use_language("es")
    >>> current_language()
    'es'
    >>> use_language("en")
    """
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if _chosen:
        return _chosen[0]
    for variable in ("MIRADA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value[:2] if value[:2] in LANGUAGES else "en"
    return "en"


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Inside, in this thread or task alone, the language is another.

    >>> with speaking("es"):
    ...     current_language()
    'es'
    """
    before = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(before)


def translate(message: str) -> str:
    """The message in the current language, or itself where it has no translation."""
    return _catalogue(current_language()).gettext(message) if message else ""


def count_text(count: int) -> str:
    """A count with its thousands set apart, as the language in use does.

    >>> use_language("es")
    >>> count_text(61100840)
    '61.100.840'
    >>> use_language("en")
    """
    return f"{count:,}".replace(",", "." if current_language() == "es" else ",")


def decimal_mark(text: str) -> str:
    """A number that was written with a point, with the mark of the language in use.

    >>> use_language("es")
    >>> decimal_mark("3.5")
    '3,5'
    >>> use_language("en")
    """
    return text.replace(".", ",") if current_language() == "es" else text


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(_DOMAIN, _LOCALE, [language], fallback=True)
