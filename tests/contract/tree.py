"""The package's own source, read as text, as syntax trees and as modules."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import mirada

__all__ = [
    "ROOT",
    "called_name",
    "calls",
    "module_trees",
    "modules",
    "strings_of_tests",
]

ROOT = Path(__file__).resolve().parents[2]


@cache
def module_trees() -> dict[str, ast.Module]:
    """The syntax tree of every source file of the package, by its path."""
    paths = sorted((ROOT / "src" / "mirada").rglob("*.py"))
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in paths
    }


@cache
def modules() -> list[ModuleType]:
    """Every module of the package, imported."""
    found = pkgutil.walk_packages(mirada.__path__, "mirada.")
    names = [module.name for module in found if not module.name.endswith("__main__")]
    return [importlib.import_module(name) for name in ["mirada", *sorted(names)]]


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call of a syntax tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    """The last name of what is called: 'DataError' for `errors.DataError(...)`."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@cache
def strings_of_tests() -> frozenset[str]:
    """Every string that a test file holds."""
    found: set[str] = set()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)
