"""A watchman: while armed, nothing may execute, import, connect, write or remove.

The interpreter itself tells of it (`sys.addaudithook`, PEP 578). A hook cannot be taken
away again, so there is one, and it sleeps unless it is armed.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["BreachError", "watched"]

_FORBIDDEN = (
    *("exec", "compile", "import", "code.__new__", "marshal.load", "marshal.loads"),
    *("pickle.find_class", "subprocess.Popen", "ctypes.dlopen", "ctypes.dlsym"),
    *("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
    *("os.truncate", "os.chmod", "os.chown", "shutil.rmtree", "shutil.move"),
    *("urllib.Request", "webbrowser.open", "tempfile.mkstemp", "tempfile.mkdtemp"),
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_state = threading.local()
_installed: list[bool] = []


class BreachError(BaseException):
    """What was read made the interpreter do what reading never may."""


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not getattr(_state, "armed", False):
        return
    if event in _FORBIDDEN or event.startswith("socket."):
        _breach(event, arguments)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        _breach("open for writing", arguments)


def _breach(event: str, arguments: tuple[object, ...]) -> None:
    _state.armed = False
    _state.breaches.append(event)
    raise BreachError(f"{event}{arguments!r:.200}")


@contextmanager
def watched() -> Iterator[None]:
    """Raises BreachError at the end too, should somebody have swallowed it."""
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    _state.breaches = []
    _state.armed = True
    try:
        yield
    finally:
        _state.armed = False
    if _state.breaches:
        raise BreachError(", ".join(_state.breaches))
