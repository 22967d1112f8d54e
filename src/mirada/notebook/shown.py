"""What a notebook draws: a view with its data, and how it looks without scripts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from mirada.language import current_language
from mirada.notebook.widget import Widget, widget
from mirada.views.modules import words
from mirada.views.svg import Element, write

__all__ = ["Shown"]

_HTML, _PLAIN = "text/html", "text/plain"


@dataclass(frozen=True, eq=False)
class Shown:
    """A view of the lab in a notebook; the last value of a cell is drawn.

    `view` names its module, `data` and `options` are what that takes, `numbers` float32
    values beside them. `still` is the same as HTML without scripts, `title` in a line.
    """

    view: str
    title: str
    still: Element
    data: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    numbers: bytes = b""
    spoken: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        said = {"language": current_language(), "words": words(f"{self.view}.js")}
        object.__setattr__(self, "spoken", said)

    def __repr__(self) -> str:
        return self.title

    @cached_property
    def widget(self) -> Widget:
        """The widget, always the same one; its traits change with what is done in it.

        `data` is what it shows, `told` what was done last, {"kind", "detail"}. Raises
        UnsupportedError (`notebook-extra`) without anywidget.
        """
        return widget(self.view)(
            data=dict(self.data),
            options=dict(self.options),
            numbers=self.numbers,
            spoken=dict(self.spoken),
        )

    def _repr_html_(self) -> str:
        return write(self.still)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """All forms that a notebook may choose from; the widget's where it can be."""
        found: dict[str, Any] = {_PLAIN: self.title, _HTML: self._repr_html_()}
        if find_spec("anywidget") is None:
            return found
        bundle = self.widget._repr_mimebundle_()
        return {**bundle[0], **found} if bundle else found
