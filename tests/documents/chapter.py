"""The blocks of a chapter of the book: what a reader types, and what it answers.

A fence `console` holds command lines after `$` and what each prints; `python` lines
after `>>>`, with their values. A comment on the line before the fence says how it is
to be read:

- `<!-- file: NAME -->`: what is in the fence is the file NAME of the reader;
- `<!-- varies -->`: numbers differ from one computer to the next, and with them which
  epoch is best; words do not;
- `<!-- varies in words -->`: what is found may have another name on another computer;
  every line begins with the same word;
- `<!-- needs: NAME -->`: the data set NAME is not the reader's; a small one of its kind
  stands in, so the block varies as well.

A line `...` of an answer stands for lines that are left out. A line of an answer that
begins with `> ` is what the reader replies to a question of the program.
"""

import re
from collections.abc import Callable, Iterator
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
    "first_word",
    "masked",
    "replies",
    "same",
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


def first_word(line: str) -> str:
    """What a line begins with, without its numbers.

    >>> first_word("grad-cam   the middle  0.61")
    'grad-cam'
    """
    return masked(line).partition(" ")[0]


def same(one: str, other: str, of_line: Callable[[str], str] = masked) -> bool:
    """Whether two answers agree, line by line, in what `of_line` keeps of each.

    >>> same("loss 2.1\\nbest", "loss 2.0\\nbest")
    True
    """
    return [*map(of_line, one.splitlines())] == [*map(of_line, other.splitlines())]


def replies(answer: str) -> list[str]:
    """What the reader replies to the questions of a program.

    >>> replies("1/2  Parameters\\nHow many?\\n> 456\\nRight: 456")
    ['456']
    """
    lines = answer.splitlines()
    return [line.removeprefix("> ") for line in lines if line.startswith("> ")]


def cut_like(
    kept: str, answer: str, of_line: Callable[[str], str] = masked
) -> str | None:
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
        found = next((s for s in starts if _alike(part, lines[s:], of_line)), None)
        if found is None:
            return None
        made += [_CUT] if found > place else []
        place = found + len(part)
        made += lines[found:place]
    return "\n".join([*made, _CUT] if place < len(lines) else made)


def _alike(part: list[str], lines: list[str], of_line: Callable[[str], str]) -> bool:
    """Whether the lines begin with the part, in what `of_line` keeps of each."""
    pairs = zip(part, lines, strict=False)
    return all(of_line(one) == of_line(other) for one, other in pairs)
