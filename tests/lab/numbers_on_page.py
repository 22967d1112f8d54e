"""What a page shows, read as a person would read it."""

import json
from typing import Any

from tests.browser import Browser

__all__ = ["choose", "numbers", "text"]


def numbers(browser: Browser, grid: str) -> Any:
    """The numbers that a grid shows."""
    script = f"""(() => {{
      const rows = document.querySelectorAll('{grid} [role=row]');
      const cells = (row) => [...row.querySelectorAll('[data-at]')];
      const number = (cell) => Number(cell.textContent.replace('−', '-'));
      return [...rows].map((row) => cells(row).map(number)).filter((row) => row.length);
    }})()"""
    return browser.evaluate(script)


def text(browser: Browser, selector: str) -> str:
    """The words in an element, spaces as one."""
    found = browser.evaluate(
        f"document.querySelector({json.dumps(selector)})?.textContent ?? ''"
    )
    return " ".join(found.split())


def choose(browser: Browser, selector: str, value: object) -> None:
    """Gives a field a value as a person would, with the events of it."""
    browser.evaluate(
        f"""(() => {{
      const field = document.querySelector({json.dumps(selector)});
      field.value = {json.dumps(value)};
      field.dispatchEvent(new Event('input', {{ bubbles: true }}));
      field.dispatchEvent(new Event('change', {{ bubbles: true }}));
    }})()"""
    )
