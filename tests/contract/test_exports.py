"""Every public module says what it exports, sorted and true, and documents it."""

import inspect
import re
from collections.abc import Iterator
from types import ModuleType

from tests.contract.tree import modules

PLANTED = '''
"""A module with every fault."""
__all__ = ["second", "First", "absent"]
class First:
    """A class."""
    def undocumented(self): pass
class Heir(First):
    """Another."""
    def undocumented(self): pass
def second():
    """A function."""
'''


def order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Constants, then classes, then functions, numbers by value: ruff's RUF022."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name)
    return rank, [(int(part) if part.isdigit() else -1, part) for part in parts]


def faults(module: ModuleType) -> Iterator[str]:
    """What is wrong with the exports of one module."""
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and (inspect.isclass(value) or inspect.isroutine(value))
    }
    exported = getattr(module, "__all__", None)
    if exported is None:
        if public:
            yield "has no __all__"
        return
    if list(exported) != sorted(exported, key=order):
        yield "__all__ is not sorted"
    yield from (f"no {name}" for name in exported if not hasattr(module, name))
    yield from (f"{n} is public, not exported" for n in sorted(public - set(exported)))
    for name in sorted(public & set(exported)):
        yield from undocumented(name, getattr(module, name))


def undocumented(name: str, value: object) -> Iterator[str]:
    """The function, or the class and its public methods, that say nothing."""
    if not inspect.getdoc(value):
        yield f"{name} has no docstring"
    if inspect.isclass(value):
        for member, method in vars(value).items():
            is_code = inspect.isroutine(method) or isinstance(method, property)
            is_public = is_code and not member.startswith("_")
            if is_public and not inspect.getdoc(getattr(value, member)):
                yield f"{name}.{member} has no docstring"


def test_every_module_says_what_it_exports() -> None:
    public = [m for m in modules() if "._" not in m.__name__]
    found = [f"{m.__name__}: {f}" for m in public for f in faults(m)]
    assert not found, "\n".join(found)


def test_planted_faults_are_found() -> None:
    module = ModuleType("planted")
    exec(PLANTED, vars(module))
    assert list(faults(module)) == [
        "__all__ is not sorted",
        "no absent",
        "Heir is public, not exported",
        "First.undocumented has no docstring",
    ]
    del module.__all__
    assert list(faults(module)) == ["has no __all__"]
