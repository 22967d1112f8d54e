"""How long a slider of the window's room takes, from its event to the next frame."""

import json
from typing import NamedTuple

from tests.browser import Browser
from tests.lab.open_lab import OpenLab

__all__ = ["Frame", "slider_frame_ms"]

_TIMES = 60

_SCRIPT = """(async (selector, values, times) => {
  const field = document.querySelector(selector);
  const busy = [], frame = [];
  const next = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  for (let turn = 0; turn < times; turn++) {
    await next();
    const start = performance.now();
    field.value = values[turn % values.length];
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    busy.push(performance.now() - start);
    await next();
    frame.push(performance.now() - start);
  }
  const middle = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
  const late = (all) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.95)];
  return [middle(busy), late(busy), middle(frame), late(frame)];
})"""


class Frame(NamedTuple):
    """Milliseconds, the middle and the 95th of a hundred.

    `busy` is computing, drawing and layout; `shown` lasts until the frame was painted,
    with the wait for the screen in it: one frame of 60 a second has 16.7.
    """

    what: str
    busy: float
    busy_95: float
    shown: float
    shown_95: float


def slider_frame_ms(browser: Browser, lab: OpenLab) -> list[Frame]:
    """What a step of a slider costs with the examples, and with a photo."""
    browser.visit(lab.room("window"))
    browser.wait_for("document.querySelector('[data-example]')")
    found = []
    for example in ("lecture", "rgb", "digit"):
        browser.click(f"[data-example={example}]")
        for slider, values in (("stride", [1, 2, 3]), ("padding", [0, 1, 2])):
            field = f".view-sliding [name={slider}]"
            found.append(_measured(browser, f"{example}, {slider}", field, values))
    browser.click("[data-shown=photo]")
    browser.wait_for("document.querySelector('[data-canvas=made] canvas')")
    for kernel in ("sobel-x", "gabor"):
        _choose(browser, ".view-photo-filter [name=kernel]", kernel)
        field = ".view-photo-filter [name=dilation]"
        what = f"photo of 320x240, {kernel}, dilation"
        found.append(_measured(browser, what, field, [1, 2, 3]))
    browser.evaluate("sessionStorage.removeItem('room.window')")
    return found


def _measured(browser: Browser, what: str, field: str, values: list[int]) -> Frame:
    given = ", ".join(map(json.dumps, (field, values, _TIMES)))
    return Frame(what, *browser.evaluate(f"{_SCRIPT}({given})"))


def _choose(browser: Browser, selector: str, value: str) -> None:
    browser.evaluate(
        f"""(() => {{
      const field = document.querySelector({json.dumps(selector)});
      field.value = {json.dumps(value)};
      field.dispatchEvent(new Event("change", {{ bubbles: true }}));
    }})()"""
    )
