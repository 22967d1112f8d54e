"""Everything the command line says exists in Spanish."""

import ast

import pytest

from mirada.language import translate, use_language
from scripts.catalogue import extracted
from tests.contract.tree import called_name, calls, module_trees

ROOM = "src/mirada/cli/"


def spoken(tree: ast.Module) -> list[ast.expr]:
    """What is handed to `translate` in a module."""
    return [call.args[0] for call in calls(tree) if called_name(call) == "translate"]


def test_no_message_escapes_the_catalogue() -> None:
    """The extractor overlooks a call inside an f-string, for one."""
    known = extracted()
    for path, tree in module_trees().items():
        for message in spoken(tree) if path.startswith(ROOM) else ():
            assert isinstance(message, ast.Constant), f"{path}:{message.lineno}"
            assert message.value in known, f"{path}:{message.lineno}"


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("Error [{code}]: {message}", "Error [{code}]: {message}"),
        ("Network", "Red"),
        ("Recall", "Exhaustividad"),
        ("{rate} images/s", "{rate} imágenes/s"),
    ],
)
def test_the_words_of_the_field(english: str, spanish: str) -> None:
    use_language("es")
    assert translate(english) == spanish
