"""Where the layers stand in a description's text, so that an edit leaves the rest.

Comments and line breaks belong to who wrote them: a layer that is moved takes the
comment on its line along, and nothing that was not edited is written anew.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["LayerList", "Slot", "layer_list", "with_layers"]

_TOKEN = re.compile(
    r"""
    (?P<text>\"\"\"(?:[^\\"]|\\.|"(?!""))*+\"\"\"|'''(?:[^']|'(?!''))*+'''
      |"(?!"")(?:[^"\\\n]|\\.)*+"|'(?!'')[^'\n]*+')
    |(?P<broken>["'])
    |(?P<note>\#[^\n]*+)
    |(?P<space>\s++)
    |(?P<sign>[\[\]{},=:])
    |(?P<word>[^\s\[\]{},=:\#"']++)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOTE = re.compile(r"[ \t]*+#[^\n]*+")
_KEYS = ("layers", '"layers"', "'layers'")


class Slot(NamedTuple):
    """One layer as it is written: `lead` goes before it, `after` follows its comma."""

    lead: str
    item: str
    after: str


class LayerList(NamedTuple):
    """The list of layers in a text: what is before, each layer, and what follows.

    `is_whole` is False where the text breaks off inside it.
    """

    before: str
    slots: tuple[Slot, ...]
    rest: str
    ends_in_comma: bool
    is_whole: bool


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def layer_list(text: str) -> LayerList | None:
    """The list of layers of a description in TOML or JSON, None where there is none.

    >>> found = layer_list('input = "1x8x8"\\nlayers = ["relu", "tanh"] # two')
    >>> [slot.item for slot in found.slots], found.rest
    (['"relu"', '"tanh"'], '] # two')
    """
    tokens = _tokens(text)
    opened = _opened(tokens)
    if opened is None:
        return None
    return _Reading(text, opened).read(tokens)


def _tokens(text: str) -> Iterator[_Token]:
    """The pieces of a text up to the first quote that is never closed."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "broken":
            return
        yield _Token(kind, found.group(), *found.span())


def _opened(tokens: Iterator[_Token]) -> int | None:
    """Where the list of layers begins: after the bracket that follows its key."""
    signs, depth = ["", ""], 0
    for token in tokens:
        if token.kind in ("space", "note"):
            continue
        is_list = token.text == "[" and signs[0] in _KEYS and signs[1] in ("=", ":")
        if is_list and depth <= 1:
            return token.end
        depth += (token.text in ("[", "{")) - (token.text in ("]", "}"))
        signs = [signs[1], token.text]
    return None


class _Reading:
    """The list while it is read, token by token."""

    def __init__(self, text: str, opened: int) -> None:
        self.text, self.opened = text, opened
        self.slots: list[Slot] = []
        self.begun = opened
        self.item: tuple[int, int] | None = None
        self.ends_in_comma = False

    def read(self, tokens: Iterator[_Token]) -> LayerList:
        depth = 0
        for token in tokens:
            if depth == 0 and token.text == "]":
                return self._ended()
            if token.kind == "sign":
                depth += (token.text in "[{") - (token.text in "]}")
            if depth == 0 and token.text == ",":
                self._closed(token.end)
            elif token.kind not in ("space", "note"):
                start = token.start if self.item is None else self.item[0]
                self.item = start, token.end
        return self._list(self.begun, is_whole=False)

    def _closed(self, end: int) -> None:
        """A comma: the layer before it ends, and so does the line's comment."""
        if self.item is not None:
            inside = self.text[self.item[1] : end - 1]
            self._add(inside if inside.strip() else "", end)
            self.ends_in_comma = True

    def _ended(self) -> LayerList:
        if self.item is not None:
            self._add("", self.item[1])
            self.ends_in_comma = False
        return self._list(self.begun, is_whole=True)

    def _add(self, after: str, end: int) -> None:
        assert self.item is not None
        start, stop = self.item
        note = _NOTE.match(self.text, end)
        rest = end if note is None else note.end()
        lead = self.text[self.begun : start]
        self.slots.append(
            Slot(lead, self.text[start:stop], after + self.text[end:rest])
        )
        self.begun, self.item = rest, None

    def _list(self, rest: int, *, is_whole: bool) -> LayerList:
        return LayerList(
            self.text[: self.opened],
            tuple(self.slots),
            self.text[rest:],
            self.ends_in_comma,
            is_whole,
        )


def with_layers(found: LayerList, items: Sequence[tuple[int | None, str]]) -> str:
    """The text with other layers: each an old slot's number, or None, and its text.

    >>> found = layer_list('layers = [\\n  "relu",  # first\\n  "tanh",\\n]')
    >>> print(with_layers(found, [(1, '"tanh"'), (0, '"relu"'), (None, '"gelu"')]))
    layers = [
      "tanh",
      "relu",  # first
      "gelu",
    ]
    """
    first, usual = _spaces(found)
    pieces = [found.before]
    for place, (number, item) in enumerate(items):
        slot = Slot(usual, item, "") if number is None else found.slots[number]
        lead = slot.lead
        if "#" not in lead and (place == 0 or number == 0):
            lead = usual if place else first
        has_comma = place + 1 < len(items) or found.ends_in_comma
        pieces += [_below(pieces[-1], lead), item, "," if has_comma else "", slot.after]
    return "".join([*pieces, _below(pieces[-1], found.rest)])


def _spaces(found: LayerList) -> tuple[str, str]:
    """What goes before the first layer, and before most of the others."""
    spaces = [slot.lead for slot in found.slots if "#" not in slot.lead]
    usual = Counter(spaces[1:] or spaces or ["\n  "]).most_common(1)[0][0]
    first = found.slots[0].lead if found.slots else usual
    return (usual if "#" in first else first), usual or " "


def _below(before: str, after: str) -> str:
    """What follows, on a line of its own where a comment would swallow it."""
    return "\n" + after if "#" in before and after[:1] != "\n" else after
