"""The words of a command line before click parses them.

Global options may stand anywhere, and an option may be written `epochs=10` as well as
`--epochs 10`. Both are rewritten here into the one form that click knows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice, takewhile
from pathlib import Path

import click

from mirada.errors import UsageError
from mirada.language import LANGUAGES

__all__ = ["as_options", "asked_language", "globals_first", "wants_json"]

_PAIR = re.compile(r"([a-z][a-z0-9_-]*)=(.*)", re.DOTALL)


def globals_first(words: Iterable[str]) -> list[str]:
    """The words with `--lang` and `--quiet` moved before the command.

    >>> globals_first(["summary", "lenet5", "--lang", "es"])
    ['--lang', 'es', 'summary', 'lenet5']
    """
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word in ("--quiet", "-q") or word.startswith("--lang="):
            first.append(word)
        elif word.startswith("lang="):
            first.append("--" + word)
        elif word == "--lang":
            first += [word, *islice(waiting, 1)]
        else:
            rest.append(word)
    return first + rest


def asked_language(words: Iterable[str]) -> str | None:
    """The language that `--lang` asks for, None where it asks for none we speak.

    >>> asked_language(["size", "5", "lang=es"]), asked_language(["size", "5"])
    ('es', None)
    """
    found = None
    before = ""
    for word in takewhile(lambda word: word != "--", globals_first(words)):
        value = word.removeprefix("--lang=") if before != "--lang" else word
        if (value != word or before == "--lang") and value in LANGUAGES:
            found = value
        before = word
    return found


def wants_json(words: Iterable[str]) -> bool:
    """Whether the words ask for JSON, known before they are parsed."""
    options = takewhile(lambda word: word != "--", words)
    return any(word in ("--json", "json=true") for word in options)


def as_options(command: click.Command, words: Iterable[str]) -> Iterator[str]:
    """The words with every `name=value` of a known option as `--name=value`.

    The word after an option that takes a value is that value, `=` or not. A word that
    is no option's name but nearly one is refused, unless a file has that
    name; any other word with a `=` is left as it is.
    """
    options = _named_options(command)
    valued = {name for option in options.values() for name in _valued(option)}
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            yield word
            yield from waiting
            return
        if word in valued:
            yield word
            yield from islice(waiting, 1)
            continue
        found = _PAIR.fullmatch(word)
        option = options.get(found[1].replace("_", "-")) if found else None
        if found is None or option is None:
            if found:
                _refuse_near_miss(found[1], word, options)
            yield word
        elif option.is_flag:
            yield from _flag(option, word, found[2])
        else:
            yield f"{_long_name(option)}={found[2]}"


def _named_options(command: click.Command) -> dict[str, click.Option]:
    options = [param for param in command.params if isinstance(param, click.Option)]
    return {_long_name(option)[2:]: option for option in options}


def _valued(option: click.Option) -> list[str]:
    """The names after which a value stands."""
    return [] if option.is_flag or option.count else option.opts


def _long_name(option: click.Option) -> str:
    return max(option.opts, key=len)


def _flag(option: click.Option, word: str, value: str) -> Iterator[str]:
    if value not in ("true", "false"):
        raise UsageError(
            "flag-value",
            "{word!r} needs true or false after the '='.",
            word=word[:60],
        )
    if value == "true":
        yield _long_name(option)
    elif option.secondary_opts:
        yield max(option.secondary_opts, key=len)


def _refuse_near_miss(
    name: str, word: str, options: Mapping[str, click.Option]
) -> None:
    near = get_close_matches(name, options, 1, 0.7)
    if near and not Path(word).exists():
        raise UsageError(
            "option-unknown",
            "There is no option {name!r}, as in {word!r}. Did you mean {near}=? "
            "A file of that name is written ./{word}.",
            name=name,
            word=word[:60],
            near=near[0],
        )
