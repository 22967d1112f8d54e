"""The browser views: JavaScript modules beside the Python of the same name.

Each is a function from plain data and options to an element. Their words are written
`t("English")` and are part of the catalogue like all others.
"""

import json
import re
from functools import cache
from pathlib import Path

from mirada.language import current_language, speaking, translate
from mirada.views.joining import joined

__all__ = ["catalogue", "messages", "script_messages", "words"]

_ROOT = Path(__file__).resolve().parent.parent
_WORDS = re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*")')


def script_messages(script: str) -> list[str]:
    """The English of every `t("...")` in a script.

    >>> script_messages('t("Stop") + t(  "{count} images", {count})')
    ['Stop', '{count} images']
    """
    return [json.loads(literal) for literal in _WORDS.findall(script)]


@cache
def messages() -> tuple[str, ...]:
    """The English of every module of the package, vendored ones left out."""
    scripts = sorted(_ROOT.rglob("*.js"))
    ours = [path for path in scripts if "vendor" not in path.parts]
    texts = [path.read_text("utf-8") for path in ours]
    return tuple(dict.fromkeys(m for text in texts for m in script_messages(text)))


def catalogue(language: str) -> dict[str, str]:
    """The words of the modules in a language, by their English."""
    with speaking(language):
        return {message: translate(message) for message in messages()}


def words(entry: str) -> dict[str, str]:
    """What a view and those it imports say, in the language in use; empty in English.

    >>> words("curves.js")
    {}
    """
    if current_language() == "en":
        return {}
    return {message: translate(message) for message in script_messages(joined(entry))}
