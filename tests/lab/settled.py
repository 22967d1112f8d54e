"""When a page of the lab has come to rest."""

from tests.browser import Browser

__all__ = ["COUNTED", "calm", "settled"]

COUNTED = """
(() => {
  const ask = globalThis.fetch;
  globalThis.asking = 0;
  globalThis.fetch = async (...given) => {
    globalThis.asking += 1;
    try { return await ask(...given); } finally { globalThis.asking -= 1; }
  };
})();
"""
"""Run before a page's own scripts it counts the requests that are not answered yet."""

_QUIET = """
new Promise((done) => {
  const quiet_ms = 200, end = performance.now() + 4000;
  let last = performance.now();
  const asked = () => performance.getEntriesByType("resource").length;
  let count = asked();
  const watcher = new MutationObserver(() => { last = performance.now(); });
  watcher.observe(document, { subtree: true, childList: true, characterData: true });
  const look = () => {
    const now = performance.now();
    if (asked() !== count) [count, last] = [asked(), now];
    const isBusy = globalThis.asking > 0
      || document.querySelector('[aria-busy="true"]')
      || [...document.images].some((one) => !one.complete && one.loading != "lazy");
    if ((now - last > quiet_ms && !isBusy) || now > end) {
      watcher.disconnect();
      done(now <= end);
    } else setTimeout(look, 20);
  };
  look();
})
"""

_CALM = """
new Promise((done) => {
  const end = performance.now() + 600;
  const look = () => {
    const moving = document.getAnimations().some((one) => one.playState == "running");
    if (moving && performance.now() < end) requestAnimationFrame(look);
    else requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
  };
  requestAnimationFrame(look);
})
"""


def calm(browser: Browser) -> None:
    """Waits until what follows a change of size or of colours is drawn."""
    browser.evaluate(_CALM)


def settled(browser: Browser) -> None:
    """Waits until a room is drawn and its page has not changed for a moment.

    One that never rests is taken as it is after four seconds.
    """
    browser.wait_for("document.querySelector('main h1')")
    browser.evaluate(_QUIET)
