"""Parts of a description as values: checked when built, equal by content.

Every layer, loss, optimizer and schedule is one. It has a plain form (a dictionary,
for JSON and TOML tables) and a short text form (`"conv 6 5x5 pad 2"`); both convert
back without loss.
"""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self, cast

from mirada.errors import TextError
from mirada.network.field import Flag, Limit

__all__ = ["Value"]


class Value(ABC):
    """A frozen dataclass whose fields are limits; abstract.

    `kind` is its first word in the text form; `positional` names the fields written
    without a word; `words` gives the word of a field where it is not the field's name.
    """

    kind: ClassVar[str]
    positional: ClassVar[tuple[str, ...]] = ()
    words: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def limits(cls) -> dict[str, Limit[Any]]:
        """The limit of every field, in order."""
        names = [field.name for field in fields(cast(Any, cls))]
        return {name: _limit(cls, name) for name in names}

    def plain(self) -> dict[str, Any]:
        """The value as JSON has it: its kind and what differs from the defaults."""
        return {"kind": self.kind, **dict(self._changed_plain())}

    def whole(self) -> dict[str, Any]:
        """The same with every field, default or not."""
        limits = self.limits()
        fields = {n: limits[n].plain(getattr(self, n)) for n in limits}
        return {"kind": self.kind, **fields}

    def text(self) -> str:
        """The short text form."""
        limits, changed = self.limits(), dict(self._changed())
        # What stands by its position keeps it: all are written up to the last changed.
        last = max(
            (self.positional.index(n) for n in changed if n in self.positional),
            default=-1,
        )
        written = self.positional[: last + 1]
        parts = [self.kind, *(limits[n].write(getattr(self, n)) for n in written)]
        for name, value in changed.items():
            if name not in self.positional:
                parts.extend(self._write_option(name, limits[name], value))
        return " ".join(parts)

    @classmethod
    def from_plain(cls, table: Mapping[str, Any]) -> Self:
        """The value of a plain form without its kind."""
        limits = cls.limits()
        for name in table:
            if name not in limits:
                raise _unknown(cls, name)
        cls._require(set(table))
        return cls(**table)

    @classmethod
    def from_words(cls, tokens: list[str]) -> Self:
        """The value of the words that follow its kind in the text form."""
        limits, chosen = cls.limits(), dict[str, Any]()
        positions = iter(cls.positional)
        waiting = list(tokens)
        while waiting:
            token = waiting.pop(0)
            name = cls._option(token)
            if name is None:
                name = next(positions, None)
                if name is None or name in chosen:
                    raise _unknown(cls, token)
                chosen[name] = limits[name].read(token)
                continue
            if name in chosen:
                raise TextError(
                    "text-twice",
                    "{kind!r} sets {field} twice; keep one of them.",
                    kind=cls.kind,
                    field=name,
                )
            chosen[name] = cls._read_option(name, token, waiting)
        cls._require(set(chosen))
        return cls(**chosen)

    @classmethod
    def _read_option(cls, name: str, token: str, waiting: list[str]) -> Any:
        limit = cls.limits()[name]
        if isinstance(limit, Flag):
            return token in (name, cls.words.get(name, name))
        if limit.claims(token):
            return limit.read(token)
        if not waiting:
            raise TextError(
                "text-missing-value",
                "{kind!r} ends after {word!r}; write its value, as in '{word} 2'.",
                kind=cls.kind,
                word=token,
            )
        return limit.read(waiting.pop(0))

    def _write_option(self, name: str, limit: Limit[Any], value: Any) -> list[str]:
        word = self.words.get(name, name)
        if isinstance(limit, Flag):
            return [word if value else "no" + word]
        text = limit.write(value)
        return [text] if limit.claims(text) else [word, text]

    @classmethod
    def _option(cls, token: str) -> str | None:
        for name, limit in cls.limits().items():
            word = cls.words.get(name, name)
            if token in (word, name) or limit.claims(token):
                return name
            if isinstance(limit, Flag) and token == "no" + word:
                return name
        return None

    @classmethod
    def _require(cls, given: set[str]) -> None:
        missing = [n for n, limit in cls.limits().items() if limit.required]
        absent = [name for name in missing if name not in given]
        if absent:
            raise TextError(
                "text-incomplete",
                "{kind!r} needs {field}; write it, as in '{example}'.",
                kind=cls.kind,
                field=absent[0],
                example=" ".join([cls.kind, *(f"<{n}>" for n in missing)]),
            )

    def _changed(self) -> Iterator[tuple[str, Any]]:
        for name, limit in self.limits().items():
            value = getattr(self, name)
            if limit.required or value != limit.default:
                yield name, value

    def _changed_plain(self) -> Iterator[tuple[str, Any]]:
        limits = self.limits()
        for name, value in self._changed():
            yield name, limits[name].plain(value)


def _limit(owner: type, name: str) -> Limit[Any]:
    for ancestor in owner.__mro__:
        if name in vars(ancestor):
            return cast("Limit[Any]", vars(ancestor)[name])
    raise KeyError(name)


def _unknown(cls: type[Value], word: str) -> TextError:
    known = [cls.words.get(name, name) for name in cls.limits()]
    return TextError(
        "text-unknown-word",
        "{kind!r} does not know {word!r}; it knows {known}.",
        kind=cls.kind,
        word=word[:60],
        known=", ".join(known) or "-",
    )
