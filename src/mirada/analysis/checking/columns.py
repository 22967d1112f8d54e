"""Which columns of a person's table are the layers, the sizes and the parameters."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from mirada.analysis.checking.layer_names import Row
from mirada.analysis.number_reading import plain_text
from mirada.errors import DataError, Phrase

__all__ = ["is_rule", "left_aside", "rows_of"]

_HEADINGS = {
    "layer": "layer, capa, name, nombre, layer name, nombre capa",
    "size": "size, tamano, output, salida, shape, forma, output size, output shape, "
    "activation shape, activation size, tamano salida, dimensiones, dimensions, "
    "dimension, dimension salida, dimensiones salida, forma salida, volume, volumen, "
    "output volume, volumen salida, output dimensions",
    "parameters": "parameters, parametros, params, param",
}
_ROLES = {name: role for role, names in _HEADINGS.items() for name in names.split(", ")}
_FILLERS = (
    *("of", "the", "de", "del", "la", "las", "el", "los", "total", "trainable"),
    *("number", "numero", "num", "nro", "no", "n", "count", "cantidad", "entrenables"),
)
_RULE = re.compile(r"-{2,}|:-+:?|-+:")


def rows_of(
    header: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], table: str
) -> list[Row]:
    """The rows of a table, each line with its number; rows of nothing are left out.

    Raises DataError: `check-columns`, `check-column-twice`, `check-row-nameless`.

    >>> rows_of(["Capa", "Tamaño"], [(2, ["conv1", "28x28x6"])], "t.csv")
    [Row(layer='conv1', size='28x28x6', parameters='', line=2)]
    """
    places = _places(header, table)
    rows = []
    for line, cells in lines:
        texts = {role: cells[place].strip() for role, place in places.items()}
        if not any(texts.values()) or is_rule(cells):
            continue
        if not texts["layer"]:
            raise DataError(
                "check-row-nameless",
                "'{table}', line {line}: there are numbers, but no layer. Write the "
                "layer's name, or 'total', into the first cell.",
                table=table,
                line=line,
            )
        rows.append(Row(**texts, line=line))
    return rows


def left_aside(header: Sequence[str]) -> list[str]:
    """The headings of columns that are not looked at."""
    return [name.strip() for name in header if name.strip() and not _role(name)]


def _role(heading: str) -> str:
    """What a heading names, its fillers left out: Param #, Nº de parámetros."""
    plain = re.sub(r"\([^)]*\)?", " ", plain_text(heading))
    words = re.findall(r"[a-z]+", plain)
    return _ROLES.get(" ".join(word for word in words if word not in _FILLERS), "")


def is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is the line under a heading, as Markdown has it: |---|:-:|.

    >>> is_rule(["---", ":-:", ""]), is_rule(["-", "28", ""])
    (True, False)
    """
    written = [cell.strip() for cell in cells if cell.strip()]
    return bool(written) and all(_RULE.fullmatch(cell) for cell in written)


def _places(header: Sequence[str], table: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(header):
        role = _role(heading)
        if role in found:
            raise DataError(
                "check-column-twice",
                "'{table}': the columns {one!r} and {other!r} say the same ({role}). "
                "Delete or rename one of them.",
                table=table,
                one=header[found[role]].strip()[:60],
                other=heading.strip()[:60],
                role=role,
            )
        if role:
            found[role] = place
    if "layer" not in found or len(found) < 2:
        missing = [role for role in _HEADINGS if role not in found]
        raise DataError(
            "check-columns",
            "'{table}' has the columns {found}, but {missing} is missing. The first "
            "line must be layer,size,parameters (or capa,tamaño,parámetros), without "
            "one of the last two if you like.{hint}",
            table=table,
            found=", ".join(repr(name.strip()[:40]) for name in header[:12]),
            missing=missing[0],
            hint=_hint(header, missing),
        )
    return found


def _hint(header: Sequence[str], missing: Sequence[str]) -> object:
    known = [name for name, role in _ROLES.items() if role in missing]
    for heading in header:
        near = get_close_matches(plain_text(heading)[:40], known, 1, 0.7)
        if near:
            return Phrase(
                " Did you mean {near} by {heading}?",
                near=repr(near[0]),
                heading=repr(heading.strip()[:40]),
            )
    return ""
