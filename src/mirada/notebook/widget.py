"""The views of the lab as widgets of anywidget, which is an optional extra."""

from functools import cache
from typing import Any

from mirada.errors import UnsupportedError
from mirada.views.joining import joined, widget_styles

__all__ = ["Widget", "widget"]

Widget = Any
"""A widget of anywidget, which carries no types of its own."""


@cache
def widget(view: str) -> Any:
    """The class of the widgets of a view.

    Raises UnsupportedError (`notebook-extra`) where anywidget is missing.
    """
    try:
        import anywidget
        from traitlets import Bytes, Dict
    except ImportError:
        raise UnsupportedError(
            "notebook-extra",
            "The notebook widgets need anywidget, which is not installed. Install it "
            "with: pip install 'mirada[notebook]'.",
        ) from None
    traits = ("data", "options", "spoken", "told")
    parts = {
        "__module__": __name__,
        "__doc__": f"The view {view} in a notebook.",
        "_esm": f"{joined(f'{view}.js')}export default {{ render }};\n",
        "_css": widget_styles(f"{view}.js"),
        "numbers": Bytes().tag(sync=True),
        **{name: Dict().tag(sync=True) for name in traits},
    }
    return type("".join(map(str.title, view.split("_"))), (anywidget.AnyWidget,), parts)
