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
_KEY_CODES = {
    **{"Tab": 9, "Enter": 13, "Escape": 27, "Home": 36, "End": 35},
    **{"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40},
    **{"Backspace": 8, "Delete": 46, "PageUp": 33, "PageDown": 34},
}
_HELD = {"Alt": 1, "Control": 2}

Problem = str
"""What the browser complains of, or a request that it made, in one line."""


@contextmanager
def chromium(profile: Path, *flags: str) -> Iterator["Browser"]:
    """A running browser; its tests are skipped where there is no Chromium.

    `profile` is the folder for what it keeps; `flags` are more of its command line.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs a browser: apt-get install chromium")
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # The shell puts the two pipes where Chromium looks for them.
    line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
    process = subprocess.Popen(
        ["bash", "-c", line, program, *_FLAGS, *flags, f"--user-data-dir={profile}"],
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
        self._own = "about:"
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        found = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._tab = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self._ask(f"{domain}.enable")

    def open(
        self, page: Path, *, width: int, is_dark: bool = False, is_still: bool = False
    ) -> None:
        """Opens a page `width` pixels wide and waits until everything is loaded."""
        self._own = "about:"
        self.dress(width=width, is_dark=is_dark, is_still=is_still)
        self._go_to(page.resolve().as_uri())

    def visit(
        self,
        url: str,
        *,
        width: int = 1400,
        is_dark: bool = False,
        is_still: bool = False,
    ) -> None:
        """Opens a page of a server, which may load more of its own.

        `is_still` is for who asked their system for less motion.
        """
        self._own = url.partition("#")[0]
        self.dress(width=width, is_dark=is_dark, is_still=is_still)
        self._go_to("about:blank")  # else only the fragment might change
        self._go_to(url)

    def dress(
        self, *, width: int, is_dark: bool = False, is_still: bool = False
    ) -> None:
        """Gives the tab a width and the preferences of its user."""
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1}
        self._ask("Emulation.setDeviceMetricsOverride", **screen, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else ""}
        motion = {
            "name": "prefers-reduced-motion",
            "value": "reduce" if is_still else "",
        }
        self._ask("Emulation.setEmulatedMedia", features=[scheme, motion])

    def before_pages(self, script: str) -> None:
        """Runs a script in every page from now on, before its own."""
        self._ask("Page.addScriptToEvaluateOnNewDocument", source=script)

    def print_media(self) -> None:
        """Shows the page as it would be on paper."""
        self._ask("Emulation.setEmulatedMedia", media="print")

    def wait_for(self, script: str, seconds: float = 15.0) -> Any:
        """What an expression gives as soon as that is something true.

        Of an element, that it is there.
        """
        plain = "it => it instanceof Node ? true : it"
        script = f"Promise.resolve({script}).then({plain})"
        end = time.monotonic() + seconds
        while (found := self.evaluate(script)) in (None, False, 0, ""):
            assert time.monotonic() < end, (script, self.problems)
            time.sleep(0.02)
        return found

    def click(self, selector: str, *, at: tuple[float, float] = (0.5, 0.5)) -> None:
        """Clicks on an element as a mouse does, at a share of its width and height."""
        x, y = self.place_of(selector, at)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def drag(
        self, selector: str, start: tuple[float, float], end: tuple[float, float]
    ) -> None:
        """Drags from one place in an element to another, both shares of its size."""
        x, y = self.place_of(selector, start)
        left, top = self.place_of(selector, end)
        self.mouse("mousePressed", x, y)
        for part in (0.25, 0.5, 0.75, 1.0):
            self.mouse("mouseMoved", x + (left - x) * part, y + (top - y) * part)
        self.mouse("mouseReleased", left, top)

    def place_of(
        self, selector: str, at: tuple[float, float] = (0.5, 0.5)
    ) -> tuple[float, float]:
        """Where on the screen a place in an element is, which is scrolled to."""
        found = self.evaluate(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " if (!one) return null; one.scrollIntoView({block: 'center'});"
            " const box = one.getBoundingClientRect();"
            " return [box.x, box.y, box.width, box.height]; })()"
        )
        assert found, f"nothing on the page is {selector}"
        x, y, width, height = found
        return x + width * at[0], y + height * at[1]

    def mouse(self, kind: str, x: float, y: float) -> None:
        """One event of the left button: mousePressed, mouseMoved or mouseReleased."""
        button = {"button": "left", "buttons": 0 if kind == "mouseReleased" else 1}
        self._ask(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, clickCount=1, **button
        )

    def press(
        self, key: str, *, with_shift: bool = False, held: tuple[str, ...] = ()
    ) -> None:
        """Presses a key: "Tab", "Enter", "Escape", "ArrowLeft", " " or a letter.

        `held` are keys held meanwhile: "Alt", "Control".
        """
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 and not held else "")
        code = _KEY_CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
        pressed = {
            "key": key,
            "windowsVirtualKeyCode": code,
            "modifiers": 8 * with_shift + sum(_HELD[name] for name in held),
            **({"text": text} if text else {}),
        }
        down = "keyDown" if text else "rawKeyDown"
        self._ask("Input.dispatchKeyEvent", type=down, **pressed)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def type(self, text: str) -> None:
        """Types a text into what has the focus."""
        self._ask("Input.insertText", text=text)

    def give_files(self, selector: str, *paths: Path) -> None:
        """Chooses files in a file input."""
        root = self._ask("DOM.getDocument")["root"]["nodeId"]
        node = self._ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        assert node, f"nothing on the page is {selector}"
        files = [str(path) for path in paths]
        self._ask("DOM.setFileInputFiles", files=files, nodeId=node)

    def evaluate(self, script: str) -> Any:
        """What an expression gives in the page; the page itself need have no script.

        A promise is waited for.
        """
        found = self._ask(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
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

    def _go_to(self, url: str) -> None:
        self.problems, self._loaded = [], False
        self._ask("Page.navigate", url=url)
        while not self._loaded:
            self._hear(self._next())

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
            if not url.startswith(("data:", "file:", "about:", "blob:", self._own)):
                self.problems.append(f"request: {url[:200]}")
