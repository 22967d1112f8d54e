"""What is told besides results: what is being done, advice, what was left out.

Who computes says it; who called decides where it goes: the command line prints it on
stderr, the lab shows it on its page. Where nobody listens it is lost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Listener", "heard_by", "say"]

Listener = Callable[[object], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def say(text: object) -> None:
    """Tells the listener, if there is one."""
    listener = _listener.get()
    if listener is not None:
        listener(text)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Inside, what is said in this thread or task goes to `listener`.

    >>> heard = []
    >>> with heard_by(heard.append):
    ...     say("Reading the images ...")
    >>> heard
    ['Reading the images ...']
    """
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)
