"""A page in a real browser: Debian's Chromium, spoken to over two pipes.

Nothing but the standard library is needed: Chromium takes commands of its DevTools
protocol (https://chromedevtools.github.io/devtools-protocol) as JSON, each ended by a
zero byte, from descriptor 3 and answers on descriptor 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Browser", "Problem", "chromium"]

_PATIENCE_S = 60.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)

Problem = str
"""What the browser complains of, or a request that it made, in one line."""


@contextmanager
def chromium(profile: Path) -> Iterator["Browser"]:
    """A running browser; its tests are skipped where there is no Chromium.

    `profile` is the folder for what it keeps.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs a browser: apt-get install chromium")
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # The shell puts the two pipes where Chromium looks for them.
    line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
    process = subprocess.Popen(
        ["bash", "-c", line, program, *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Browser(ours_in, ours_out)
    finally:
        os.close(ours_out)
        os.close(ours_in)
        process.terminate()
        process.wait(_PATIENCE_S)


class Browser:
    """One tab, and what went wrong in it since the last page was opened."""

    def __init__(self, read_from: int, write_to: int) -> None:
        self.problems: list[Problem] = []
        self._from, self._to = read_from, write_to
        self._rest = b""
        self._count = 0
        self._tab: str | None = None
        self._loaded = False
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        found = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._tab = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def open(self, page: Path, *, width: int, is_dark: bool = False) -> None:
        """Opens a page `width` pixels wide and waits until everything is loaded."""
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1}
        self._ask("Emulation.setDeviceMetricsOverride", **screen, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else ""}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        self.problems, self._loaded = [], False
        self._ask("Page.navigate", url=page.resolve().as_uri())
        while not self._loaded:
            self._hear(self._next())

    def evaluate(self, script: str) -> Any:
        """What an expression gives in the page; the page itself need have no script."""
        found = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def picture(self, path: Path) -> None:
        """Writes the whole page as a PNG file."""
        found = self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def printed(self, path: Path) -> None:
        """Writes the page as it is printed on A4, as a PDF file."""
        size = {"paperWidth": 8.27, "paperHeight": 11.69}
        found = self._ask("Page.printToPDF", printBackground=False, **size)
        path.write_bytes(base64.b64decode(found["data"]))

    def _ask(self, method: str, **values: Any) -> Any:
        self._count += 1
        message = {"id": self._count, "method": method, "params": values}
        if self._tab is not None:
            message["sessionId"] = self._tab
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._count:
                assert "error" not in found, (method, found["error"])
                return found["result"]
            self._hear(found)

    def _next(self) -> Any:
        """The next message from the browser."""
        end = time.monotonic() + _PATIENCE_S
        while b"\0" not in self._rest:
            left = max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self._from], [], [], left)
            piece = os.read(self._from, 1 << 20) if ready else b""
            assert piece, "the browser is silent, or has ended"
            self._rest += piece
        first, _, self._rest = self._rest.partition(b"\0")
        return json.loads(first)

    def _hear(self, event: Any) -> None:
        """Keeps what an event says of the page."""
        method, values = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Log.entryAdded":
            entry = values["entry"]
            self.problems.append(f"{entry['source']}: {entry['text']}")
        elif method == "Runtime.consoleAPICalled":
            words = (str(each.get("value", "")) for each in values["args"])
            self.problems.append(" ".join([f"console {values['type']}:", *words]))
        elif method == "Runtime.exceptionThrown":
            self.problems.append(f"exception: {values['exceptionDetails']['text']}")
        elif method == "Network.requestWillBeSent":
            url = values["request"]["url"]
            if not url.startswith(("data:", "file:", "about:")):
                self.problems.append(f"request: {url[:200]}")
