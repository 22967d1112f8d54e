"""Exercises as a sheet to print, with room to write or with the solutions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from mirada.language import translate
from mirada.views.page import page_html
from mirada.views.svg import Element, element

__all__ = ["Rows", "Sheet", "Table", "Task", "exercises_html", "typeset"]

Rows = tuple[tuple[str, ...], ...]

_STYLE = """
body{max-width:760px}
.about{color:var(--soft);font-size:12px;overflow-wrap:anywhere}
.person{display:flex;flex-wrap:wrap;gap:12px 28px;margin:18px 0 8px}
.person span{flex:1 1 180px;display:flex;align-items:flex-end;gap:8px}
.person span::after{content:"";flex:1;border-bottom:1px solid var(--ink);height:22px}
ol.tasks{list-style:none;margin:0;padding:0}
.task{padding:16px 0 14px;border-bottom:1px solid var(--rule);
break-inside:avoid}
.topic{color:var(--soft);font-size:12px;letter-spacing:.04em;margin:0 0 4px}
.topic b{color:var(--ink);font-size:17px;letter-spacing:0;margin-right:8px}
.question{margin:0;max-width:68ch}
ol.layers{margin:8px 0 0;padding-left:26px}
.matrices{display:flex;flex-wrap:wrap;gap:12px 36px;margin-top:12px}
.matrices figcaption{margin-bottom:3px}
.matrices figure{margin:0}
table.matrix{border-left:2px solid var(--ink);border-right:2px solid var(--ink);
border-radius:6px}
table.matrix td{border:0;padding:2px 9px;text-align:right;min-width:1.1em}
.room{margin-top:12px;display:flex;flex-direction:column;justify-content:flex-end}
.room-1{height:64px}
.room-2{height:112px}
.room-3{height:176px}
.room p{margin:0;width:280px;display:flex;gap:8px;align-items:flex-end}
.room p::after{content:"";flex:1;border-bottom:1px solid var(--ink)}
.solution{margin-top:10px;padding:2px 0 2px 14px;border-left:3px solid var(--soft)}
.solution p{margin:0}
.solution .answer{font-weight:600;display:flex;gap:10px;align-items:center}
.steps{margin:4px 0 0;padding:0;list-style:none;font-variant-numeric:tabular-nums}
.steps li{overflow-wrap:anywhere}
sub,sup{font-size:.72em;line-height:0}
.version+.version{margin-top:56px}
@page{size:A4;margin:16mm 17mm 15mm}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#555;--rule:#bbb}
body{max-width:none;padding:0;font-size:11pt}
h1{font-size:17pt;margin:0 0 6pt}
h2{font-size:15pt;margin:0 0 4pt;border:0}
.version+.version{margin-top:0;break-before:page}
.person{margin:10pt 0 4pt}
.task{padding:11pt 0 10pt}
.task:last-child{border:0}
.wide{overflow:visible}
}
"""
_TITLE_IN_VERSIONS = "h1{display:none}"

_MARKS = re.compile(
    r"(?P<power>\^(?:\([^)]*\)|-?\w+))"
    r"|(?<=[A-Za-z])_(?P<index>\w+)"
    r"|(?P<times>(?<=\d)x(?=\d)| x (?=[^\W\d]))"
    r"|(?P<product>(?<=[\w)])\*(?=[\w(])|(?<= )\*(?= ))"
    r"|(?P<minus>(?<![\w-])-(?=[\w.(])|(?<= )-(?= ))"
    r"|(?P<arrow>->)"
)


@dataclass(frozen=True)
class Table:
    """A matrix with its name."""

    name: str
    rows: Rows


@dataclass(frozen=True)
class Task:
    """One exercise as text: question, what it is about, answer, and the way to it.

    `answer` is rows where it is a matrix. `room` from 1 to 3 is how much there is to
    write.
    """

    topic: str
    question: str
    answer: str | Rows
    steps: tuple[str, ...]
    layers: tuple[str, ...] = ()
    matrices: tuple[Table, ...] = ()
    room: int = 2


@dataclass(frozen=True)
class Sheet:
    """A sheet of exercises, in one version or in several of the same kinds.

    `about` says in small print how the same sheet is made again.
    """

    title: str
    about: str
    versions: tuple[tuple[Task, ...], ...]


def exercises_html(sheet: Sheet, *, solved: bool = False) -> str:
    """The sheet as a whole HTML page for A4, one version after the other.

    With `solved` the answers and the way to them stand where there is room to write.

    >>> task = Task("Output sizes", "A filter of 5x5?", "28x28", ("(32 - 5)/1 + 1",))
    >>> "28×28" in exercises_html(Sheet("Exercises", "", ((task,),)), solved=True)
    True
    """
    several = len(sheet.versions) > 1
    parts = (
        _version(sheet, tasks, _letter(place) if several else "", solved)
        for place, tasks in enumerate(sheet.versions)
    )
    styles = [_STYLE, _TITLE_IN_VERSIONS] if several else [_STYLE]
    return page_html(_title(sheet, "", solved), parts, styles)


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _title(sheet: Sheet, letter: str, solved: bool) -> str:
    title = sheet.title
    if solved:
        title = translate("{title}: solutions").format(title=title)
    if letter:
        title = translate("{title} – version {letter}").format(
            title=title, letter=letter
        )
    return title


def _version(sheet: Sheet, tasks: Sequence[Task], letter: str, solved: bool) -> Element:
    head = [element("h2", _title(sheet, letter, solved))] if letter else []
    if not solved:
        head.append(_person())
    listed = (_task(number, task, solved) for number, task in enumerate(tasks, 1))
    return element(
        "section",
        *head,
        element("ol", *listed, class_="tasks"),
        element("p", sheet.about, class_="about"),
        class_="version",
    )


def _person() -> Element:
    return element(
        "div",
        element("span", translate("Name")),
        element("span", translate("Date")),
        class_="person",
    )


def _task(number: int, task: Task, solved: bool) -> Element:
    return element(
        "li",
        element("p", element("b", f"{number}."), task.topic, class_="topic"),
        element("p", *typeset(task.question), class_="question"),
        *_about(task),
        _solution(task) if solved else _room(task),
        class_="task",
    )


def _about(task: Task) -> Iterator[Element]:
    """The layers and the matrices that a question is about."""
    if task.layers:
        lines = (element("li", *typeset(layer)) for layer in task.layers)
        yield element("ol", *lines, class_="layers")
    if task.matrices:
        figures = (
            element("figure", element("figcaption", m.name), _matrix(m.rows))
            for m in task.matrices
        )
        yield element("div", *figures, class_="matrices")


def _matrix(rows: Rows) -> Element:
    lines = (
        element("tr", *(element("td", *typeset(cell)) for cell in row)) for row in rows
    )
    return element("table", element("tbody", *lines), class_="matrix")


def _room(task: Task) -> Element:
    line = element("p", translate("Answer:"))
    return element("div", line, class_=f"room room-{task.room}")


def _solution(task: Task) -> Element:
    words = element("span", translate("Answer:"))
    answer = (
        element("span", *typeset(task.answer))
        if isinstance(task.answer, str)
        else _matrix(task.answer)
    )
    steps = (element("li", *typeset(step)) for step in task.steps)
    return element(
        "div",
        element("div", words, answer, class_="answer"),
        element("ul", *steps, class_="steps"),
        class_="solution",
    )


def typeset(text: str) -> list[Element | str]:
    """Text with its formulas as they are printed: 5×5, 3·4, P with an index, e².

    >>> print(*typeset("P_end = 5*5 - e^2"))
    P <sub>end</sub>  = 5 · 5  −  e <sup>2</sup>
    """
    pieces = list(chain.from_iterable(_pieces(text)))
    return [piece for piece in pieces if piece != ""] or [""]


def _pieces(text: str) -> Iterator[tuple[Element | str, ...]]:
    at = 0
    for found in _MARKS.finditer(text):
        yield text[at : found.start()], _printed(found)
        at = found.end()
    yield (text[at:],)


def _printed(found: re.Match[str]) -> Element | str:
    kind = found.lastgroup
    if kind == "power":
        inside = found["power"].removeprefix("^").removesuffix(")").removeprefix("(")
        return element("sup", *typeset(inside))
    if kind == "index":
        return element("sub", found["index"])
    if kind == "product":
        return "×" if found.string[found.start() - 1] == " " else "·"
    signs = {"minus": "−", "arrow": "→"}
    return signs.get(str(kind), " × " if " " in found[0] else "×")
