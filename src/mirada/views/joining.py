"""View modules made into one script, for pages that can load no second file.

Each module becomes a function that is called once, in the order of what it imports.
Only the plain form that the views are written in is understood: named imports of
`./` files, exported functions, classes and constants, and a list of exports at the end.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mirada.errors import InternalError

__all__ = ["exports", "joined", "styles", "widget_styles"]

_SHARED = ("views.css", "parts.css")
_FOLDER = Path(__file__).resolve().parent
_IMPORT = re.compile(r'^import\s*\{([^{}]*)\}\s*from\s*"\./([\w/.-]+)";?', re.M)
_DECLARED = re.compile(
    r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.M
)
_LISTED = re.compile(r"(?:^|(?<=;))export\s*\{([^{}]*)\};?(?=\s*$)", re.M)
_OTHER = re.compile(r"^\s*(?:im|ex)port\b.*|\bimport\s*[(.].*", re.M)
_COMMENT = re.compile(
    r"^[ \t]*(?:/\*(?!\*\n \* @license)(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.S | re.M
)
_INLINE = re.compile(r"/\*(?:(?!\*/).)*\*/", re.S)
_DRAWN = re.compile(r'\bview\(\s*"([\w-]+)"')
_VIEW = re.compile(r"\.view-([\w-]+)")


def joined(entry: str, folder: Path = _FOLDER) -> str:
    """One ES module that is a view module with all it imports, its exports kept.

    `entry` is the name of the file, `curves.js`. Raises InternalError
    (`view-syntax`) where a module is written in another form.
    """
    order = _order(entry, folder)
    places = {name: f"module{number}" for number, name in enumerate(order)}
    parts = [_scoped(name, folder, places) for name in order]
    names = ", ".join(_exported(_text(entry, folder)))
    return "\n".join([*parts, f"export const {{ {names} }} = {places[entry]};\n"])


def exports(entry: str, folder: Path = _FOLDER) -> list[str]:
    """The names that a module exports, in its order."""
    return list(_exported(_text(entry, folder)))


@cache
def styles(entry: str = "") -> str:
    """The style sheet of a page of all views: what they share, then each one's own.

    With `entry`, that of a view module and those it imports alone, which leaves the
    rest of a page as it is.
    """
    own = sorted(p.name for p in _FOLDER.glob("*.css") if p.name not in _SHARED)
    if not entry:
        return "\n".join(map(_sheet, (*_SHARED, *own)))
    modules = _order(entry, _FOLDER)
    names = {n for name in modules for n in _DRAWN.findall(_text(name, _FOLDER))}
    shared = "".join(_rules(_sheet(_SHARED[0]), names))
    theirs = {name.removesuffix(".js") + ".css" for name in modules}
    return "\n".join([shared, *(_sheet(name) for name in own if name in theirs)])


@cache
def widget_styles(entry: str) -> str:
    """The style sheet of a view in a page of somebody else's, nothing of it outside."""
    root = ".mirada-widget"
    nested = f"{root} {{\n{_sheet(_SHARED[1])}}}\n"
    return nested + styles(entry).replace(":root {", f"{root} {{")


def _sheet(name: str) -> str:
    return _COMMENT.sub("", (_FOLDER / name).read_text("utf-8")).lstrip()


def _rules(sheet: str, names: set[str]) -> Iterator[str]:
    """The outermost rules of a style sheet that are for every view, or for these."""
    start = depth = 0
    for place, letter in enumerate(sheet, 1):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            rule = sheet[start:place].strip() + "\n"
            found = _VIEW.findall(rule)
            if not found or names.intersection(found):
                yield rule
            start = place


def _order(entry: str, folder: Path) -> list[str]:
    """A module and all that it imports, each after what it imports itself."""
    order: list[str] = []
    _visit(entry, folder, order, ())
    return order


def _visit(name: str, folder: Path, order: list[str], above: tuple[str, ...]) -> None:
    """Puts a module into the order, after all that it imports."""
    if name in above:
        raise _refused(name, " -> ".join([*above, name]))
    if name not in order:
        for found in _IMPORT.finditer(_text(name, folder)):
            _visit(_resolved(name, found[2]), folder, order, (*above, name))
        order.append(name)


def _resolved(name: str, path: str) -> str:
    return (Path(name).parent / path).as_posix()


def _text(name: str, folder: Path) -> str:
    return (folder / name).read_text("utf-8")


def _scoped(name: str, folder: Path, places: dict[str, str]) -> str:
    """A module as a function that is called at once and gives its exports."""
    text = _text(name, folder)
    kept = ", ".join(
        inner if inner == outer else f"{outer}: {inner}"
        for outer, inner in _exported(text).items()
    )

    def bound(found: re.Match[str]) -> str:
        names = ", ".join(re.sub(r"\s+as\s+", ": ", n) for n in _list(found[1]))
        return f"const {{ {names} }} = {places[_resolved(name, found[2])]};"

    text = _COMMENT.sub("", text)
    body = _IMPORT.sub(bound, _DECLARED.sub("", _LISTED.sub("", text)))
    other = _OTHER.search(_INLINE.sub("", body))
    if other is not None:
        raise _refused(name, other[0].strip())
    head = f"const {places[name]} = (() => {{"
    return "\n".join([head, body.strip(), f"return {{ {kept} }};", "})();"])


def _exported(text: str) -> dict[str, str]:
    """What each exported name is called inside the module."""
    found = {name: name for name in _DECLARED.findall(text)}
    for names in _LISTED.findall(text):
        for each in _list(names):
            inner, outer = re.fullmatch(r"([\w$]+)(?:\s+as\s+([\w$]+))?", each).groups()  # type: ignore[union-attr]
            found[outer or inner] = inner
    return found


def _list(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _refused(name: str, line: str) -> InternalError:
    return InternalError(
        "view-syntax",
        "The view module {name} is written in a form that cannot be joined: {line}. "
        "Use named imports of ./ files, exported functions, classes and constants, "
        "and no circles.",
        name=name,
        line=line[:80],
    )
