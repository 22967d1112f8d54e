"""A lab that is open: the program itself, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

__all__ = ["OpenLab", "Reply", "open_lab"]

_PATIENCE_S = 60.0


class Reply(NamedTuple):
    """What the lab answered."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def value(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)


class OpenLab(NamedTuple):
    """A process of `mirada lab`, and how it is spoken to."""

    process: subprocess.Popen[str]
    url: str
    folder: Path

    @property
    def token(self) -> str:
        """What a request must carry."""
        return urlsplit(self.url).fragment.removeprefix("token=")

    @property
    def host(self) -> str:
        """The host and port, as in a Host header."""
        return urlsplit(self.url).netloc

    def ask(
        self,
        method: str,
        path: str,
        value: object = None,
        *,
        content: bytes | None = None,
        language: str = "en",
        **headers: str,
    ) -> Reply:
        """One request with the token, JSON or bytes in it; `_` in a header is `-`."""
        connection = HTTPConnection(self.host, timeout=_PATIENCE_S)
        given = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": language,
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        if value is not None:
            content = json.dumps(value).encode()
            given["Content-Type"] = "application/json"
        try:
            connection.request(method, path, content, given)
            answer: HTTPResponse = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def room(self, name: str, **params: str) -> str:
        """The address of a room, token included."""
        query = "&".join(f"{key}={text}" for key, text in params.items())
        return f"{self.url}&room={name}" + (f"&{query}" if query else "")


@contextmanager
def open_lab(folder: Path, *words: str, **environment: str) -> Iterator[OpenLab]:
    """A lab in a folder, closed at the end; it must then end by SIGTERM, well."""
    command = [sys.executable, "-m", "mirada", "lab", str(folder), "--no-browser"]
    process = subprocess.Popen(
        [*command, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("http://"), line
        yield OpenLab(process, line.strip(), folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
