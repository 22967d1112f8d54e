"""What `docs/interfaces.md` says, and the examples that `--help` ends in."""

import importlib
import re
import shlex
from pathlib import Path

from mirada.cli.table import module_of
from tests.cli.calling import Caller

__all__ = ["documented_fields", "run_examples"]

INTERFACES = Path(__file__).resolve().parents[2] / "docs" / "interfaces.md"


def documented_fields(command: str, inside: str = "") -> set[str]:
    """The fields of the first JSON object in the section of a command.

    With `inside` those of the objects in the list that is its field of that name.

    >>> sorted(documented_fields("mirada evaluate"))[:3]
    ['accuracy', 'classes', 'confusion']
    """
    sections = INTERFACES.read_text("utf-8").split("\n## ")
    section = next(text for text in sections if text.startswith(f"`{command}"))
    found = re.search(r"`(\{.*?\})`", section, re.DOTALL)
    assert found
    if inside:
        found = re.search(rf'"{inside}": \[\{{(.*?)\}}\]', found[1], re.DOTALL)
        assert found
        return set(re.findall(r'"(\w+)"', found[1]))
    return set(re.findall(r'"(\w+)"', _without_inner(found[1][1:-1])))


def run_examples(call: Caller, name: str) -> None:
    """Runs the examples of a command one after the other; each must end well."""
    command = importlib.import_module(module_of(name)).command
    assert command.examples
    for example in command.examples:
        program, *words = shlex.split(example)
        assert program == "mirada"
        called = call(*words)
        assert called.code == 0, f"{example}\n{called.err}"


def _without_inner(text: str) -> str:
    """The text without what stands in brackets inside it, however deep."""
    while (shorter := re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", "", text)) != text:
        text = shorter
    return text
