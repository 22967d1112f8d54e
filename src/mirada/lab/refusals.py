"""How the lab refuses: a status, and one JSON object in the asker's language."""

import json
import traceback
from collections.abc import Mapping
from typing import Any, NamedTuple

from mirada.errors import InternalError, MiradaError
from mirada.language import LANGUAGES, speaking

__all__ = ["Refused", "language_of", "refused_as", "told"]

_BY_CODE: Mapping[str, int] = {
    "export-busy": 409,
    "lab-busy": 503,
    "lab-changed-elsewhere": 409,
    "lab-client": 403,
    "lab-closing": 503,
    "lab-host": 403,
    "lab-origin": 403,
    "lab-token": 401,
    "training-busy": 409,
    "training-none": 409,
    "request-headers": 431,
    "request-long": 414,
    "request-media": 415,
    "request-method": 405,
    "request-path": 404,
    "request-slow": 408,
    "request-too-large": 413,
}
_BY_EXIT: Mapping[int, int] = {2: 400, 3: 422, 4: 422, 5: 507, 6: 422}


class Refused(NamedTuple):
    """A status of HTTP, and the JSON that says why."""

    status: int
    content: bytes


def refused_as(error: BaseException, language: str) -> Refused:
    """What is answered where something was refused, or failed.

    >>> from mirada.errors import DataError
    >>> refused_as(DataError("no-images", "There are no images."), "en")
    Refused(status=422, content=b'{"error":{"code":"no-images",...}}')
    """
    status = 500
    if isinstance(error, MiradaError):
        by_exit = _BY_EXIT.get(error.exit_code, 500)
        status = _BY_CODE.get(error.code, by_exit)
    content = json.dumps({"error": told(error, language)}, separators=(",", ":"))
    return Refused(status, content.encode())


def told(error: BaseException, language: str) -> dict[str, Any]:
    """The code, the message and the exit code of an error; a bug's trace is printed."""
    if not isinstance(error, MiradaError):
        traceback.print_exception(error)
        error = InternalError(
            "bug",
            "The lab met something that it did not expect ({what}). This is a bug of "
            "mirada's, not of yours; more is told where the lab was started.",
            what=f"{type(error).__name__}: {error}"[:300],
        )
    with speaking(language):
        message = str(error)
    return {"code": error.code, "message": message, "exit_code": error.exit_code}


def language_of(header: str) -> str:
    """The first of our languages that an Accept-Language header names, else English.

    >>> language_of("es-AR,es;q=0.9"), language_of("fr, es;q=0.5"), language_of("")
    ('es', 'es', 'en')
    """
    named = (part.strip()[:2].lower() for part in header.split(","))
    return next((name for name in named if name in LANGUAGES), "en")
