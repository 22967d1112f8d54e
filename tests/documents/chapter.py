"""The blocks of a chapter of the book: what a reader types, and what it answers.

A fence `console` holds command lines after `$` and what each prints; `python` lines
after `>>>`, with their values. A comment on the line before the fence says how it is
to be read:

- `<!-- file: NAME -->`: what is in the fence is the file NAME of the reader;
- `<!-- varies -->`: numbers differ from one computer to the next, and with them which
  epoch is best; words do not;
- `<!-- needs: NAME -->`: can only be typed where the data set NAME is.

A line `...` of an answer stands for lines that are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

__all__ = [
    "BOOK",
    "LANGUAGES",
    "Block",
    "Turn",
    "blocks",
    "chapters",
    "cut_like",
    "masked",
]

BOOK = Path(__file__).resolve().parents[2] / "docs" / "book"
LANGUAGES = ("en", "es")

_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(r"\d[\d.,:]*")
_BEST = re.compile(r"  (?:best|mejor)$")
_CUT = "..."


@dataclass(frozen=True)
class Turn:
    """One thing that a reader types, as it stands, and its answer."""

    typed: str
    answer: str


@dataclass(frozen=True)
class Block:
    """A fence: its language, its mark, and where its body stands in the chapter."""

    kind: str
    mark: str
    body: str
    span: tuple[int, int]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What is typed in it, in order."""
        first, more = {"console": ("$ ", None), "python": (">>> ", "... ")}[self.kind]
        found: list[list[str]] = []
        answers: list[list[str]] = []
        for line in self.body.splitlines():
            if line.startswith(first):
                found.append([line])
                answers.append([])
            elif more and line.startswith(more.rstrip()) and not answers[-1]:
                found[-1].append(line)
            else:
                answers[-1].append(line)
        return tuple(
            Turn("\n".join(typed), "\n".join(answer).strip("\n"))
            for typed, answer in zip(found, answers, strict=True)
        )


def chapters() -> list[str]:
    """The names of the chapters, which are the same in every language."""
    return sorted(path.name for path in (BOOK / "en").glob("[0-9]*.md"))


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a chapter that something is done with, in order."""
    for found in _FENCE.finditer(text):
        mark = found["mark"] or ""
        if found["kind"] in ("console", "python") or mark.startswith("file:"):
            yield Block(found["kind"], mark, found["body"], found.span("body"))


def masked(line: str) -> str:
    """A line without its numbers, the width of its columns, and which epoch is best.

    >>> masked("epoch 1/3   loss 2.2392  best")
    'epoch #/# loss #'
    """
    return " ".join(_NUMBER.sub("#", _BEST.sub("", line)).split())


def cut_like(kept: str, answer: str) -> str | None:
    """The answer with the same lines left out as in the kept one, None where none fit.

    >>> cut_like("a 1\\n...\\nd 1", "a 2\\nb\\nc\\nd 3")
    'a 2\\n...\\nd 3'
    """
    lines = answer.splitlines()
    parts = [
        list(group)
        for is_cut, group in groupby(kept.splitlines(), key=lambda line: line == _CUT)
        if not is_cut
    ]
    if _CUT not in kept.splitlines():
        return answer
    made: list[str] = []
    place = 0
    for number, part in enumerate(parts):
        starts = range(place, len(lines) - len(part) + 1)
        if number == 0 and not kept.startswith(_CUT):
            starts = range(min(1, len(starts)))
        elif number == len(parts) - 1 and not kept.endswith(_CUT):
            starts = starts[-1:]
        found = next((s for s in starts if _alike(part, lines[s:])), None)
        if found is None:
            return None
        made += [_CUT] if found > place else []
        place = found + len(part)
        made += lines[found:place]
    return "\n".join([*made, _CUT] if place < len(lines) else made)


def _alike(part: list[str], lines: list[str]) -> bool:
    """Whether the lines begin with the part but for their numbers."""
    pairs = zip(part, lines, strict=False)
    return all(masked(one) == masked(other) for one, other in pairs)
