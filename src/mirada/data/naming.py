"""File names as text that is safe to show anywhere and never ambiguous."""

import os

__all__ = ["shown", "shown_path"]


def shown(name: str) -> str:
    r"""The name with everything that a terminal or a page could obey written out.

    Line ends, control and direction marks, bytes that are no text, and the backslash
    itself become escapes, so two different names never look the same.

    >>> print(shown("cat\n1.png"))
    cat\n1.png
    >>> print(shown("gata café.png"))
    gata café.png
    """
    if name.isprintable() and "\\" not in name:
        return name
    return "".join(_escape(letter) for letter in name)


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as text, by the same rule, with / between its parts."""
    text = os.fspath(path)
    return shown(text.replace(os.sep, "/") if os.sep != "/" else text)


def _escape(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte that could not be decoded (PEP 383)
        return f"\\x{ord(letter) - 0xDC00:02x}"
    if letter == "\\" or not letter.isprintable():
        return letter.encode("unicode_escape").decode("ascii")
    return letter
