"""What a room of the lab is asked, and what it may answer; no web server in it.

A room is a list of `Work`: a method, a path, and a function that is called in a thread
of its own with the `Lab` and what is `Asked`, in the language of who asks:

    def sizes(lab: Lab, asked: Asked) -> Answer:
        return {"output": window_size(asked.whole("input", 1, 4096), ...).output}

    WORK = (Work("POST", "/api/window/sizes", sizes),)
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mirada.errors import Phrase, UsageError
from mirada.lab.lab import Lab

__all__ = [
    "MOST_FILE_BYTES",
    "Answer",
    "Asked",
    "Content",
    "Event",
    "Events",
    "Work",
]

MOST_FILE_BYTES = 1 << 30
"""The largest file that is given away: what is, is in memory meanwhile."""


class Content(NamedTuple):
    """Bytes of a media type; with `name` the browser is to save them as a file."""

    media: str
    content: bytes
    name: str = ""


Event = tuple[str, Mapping[str, Any]]
"""The kind of something that happened, and what is to be known of it."""


class Events(NamedTuple):
    """What happens from now on, told as it happens.

    The source is closed when who asked has gone: a generator meets GeneratorExit (an
    asynchronous one CancelledError, if it is waiting). Refusals that it raises end the
    stream as an event "refused".

    A plain iterator is for work that tells how far it is: its next is asked for in a
    thread, and there are few of them. What is followed by many for long, such as a
    training, is an asynchronous iterator, which costs none while it waits:

        async def happenings() -> AsyncIterator[Event]:
            heard = asyncio.Event()
            loop = asyncio.get_running_loop()
            forget = trainer.listen(lambda: loop.call_soon_threadsafe(heard.set))
            try:
                while True:
                    await heard.wait()
                    heard.clear()
                    for each in trainer.news():  # brief: the server waits meanwhile
                        yield each
            finally:
                forget()
    """

    source: Iterator[Event] | AsyncIterator[Event]


Answer = Mapping[str, Any] | Content | Events


@dataclass(frozen=True)
class Asked:
    """A request: the fields of its path, its query, and what it carries.

    `value` is the object of a JSON body, `content` the bytes of any other.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    value: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""

    def text(self, name: str, default: str | None = None, *, most: int = 4096) -> str:
        """A text of the body or the query; UsageError (`request-field`) if it is none.

        >>> Asked(value={"name": "cat"}).text("name")
        'cat'
        """
        found = self._get(name, default)
        if not isinstance(found, str) or len(found) > most:
            raise _wrong(name, Phrase("a text of at most {most} letters", most=most))
        return found

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`, also one that a query writes."""
        found = self._get(name, default)
        if isinstance(found, str) and name in self.query and found.isdecimal():
            found = int(found) if len(found) < 20 else None
        if type(found) is not int or not low <= found <= high:
            raise _wrong(name, f"{low}..{high}")
        return found

    def number(
        self, name: str, low: float, high: float, default: float | None = None
    ) -> float:
        """A number from `low` to `high`, also one that a query writes."""
        found = self._get(name, default)
        if isinstance(found, str) and name in self.query:
            found = _number(found)
        if type(found) not in (int, float) or not low <= found <= high:
            raise _wrong(name, f"{low:g}..{high:g}")
        return float(found)

    def choice(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """One of several words."""
        found = self._get(name, default or None)
        if found not in choices:
            raise _wrong(name, ", ".join(choices))
        return str(found)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false, also as the word in a query."""
        found = self._get(name, default)
        if isinstance(found, str) and name in self.query:
            found = {"true": True, "false": False}.get(found)
        if not isinstance(found, bool):
            raise _wrong(name, "true, false")
        return found

    def _get(self, name: str, default: Any) -> Any:
        found = self.value.get(name, self.query.get(name))
        return default if found is None else found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _wrong(name: str, wanted: str | Phrase) -> UsageError:
    return UsageError(
        "request-field",
        "A request to the lab needs {name!r} to be one of: {wanted}.",
        name=name,
        wanted=wanted,
    )


class Work(NamedTuple):
    """A method, a path with {fields}, and the function that does it.

    `most_bytes` is how much the request may carry.
    """

    method: str
    path: str
    does: Callable[[Lab, Asked], Answer]
    most_bytes: int = 1 << 20
