"""Work of the lab asked without a server: what a request would come to."""

from typing import Any

from mirada.lab.asked import Asked, Content, Events
from mirada.lab.lab import Lab
from mirada.lab.rooms import WORK

__all__ = ["ask", "heard"]


def ask(lab: Lab, method: str, path: str, /, **values: Any) -> Any:
    """The answer to a request with these values; a GET has them in its query."""
    if method in ("GET", "DELETE"):
        return _does(lab, method, path, Asked(query=values))
    content = values.pop("content", None)
    if content is not None:
        return _does(lab, method, path, Asked(query=values, content=content))
    return _does(lab, method, path, Asked(value=values))


def heard(lab: Lab, path: str, /, **values: Any) -> list[tuple[str, Any]]:
    """Every event that a POST comes to."""
    found = ask(lab, "POST", path, **values)
    assert isinstance(found, Events)
    return list(found.source)  # type: ignore[arg-type]


def _does(lab: Lab, method: str, path: str, asked: Asked) -> Any:
    (does,) = (w.does for w in WORK if (w.method, w.path) == (method, path))
    found = does(lab, asked)
    assert not isinstance(found, Content)
    return found
