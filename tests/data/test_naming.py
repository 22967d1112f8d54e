"""Names are shown so that nothing in them can be obeyed or confused."""

import os

from hypothesis import given
from hypothesis import strategies as st

from mirada.data.naming import shown, shown_path


def test_ordinary_names_stay_what_they_are() -> None:
    for name in ("gata 1.png", "ñandú.jpg", "日本.png", "<script>.png", "a" * 255):
        assert shown(name) == name


def test_what_a_terminal_would_obey_is_written_out() -> None:
    assert shown("a\nb") == "a\\nb"
    assert shown("\x1b[31mred") == "\\x1b[31mred"
    assert shown("photo\u202egpj.exe") == "photo\\u202egpj.exe"
    assert shown(os.fsdecode(b"caf\xe9.png")) == "caf\\xe9.png"


@given(st.text(), st.text())
def test_two_names_never_look_the_same(first: str, second: str) -> None:
    assert (shown(first) == shown(second)) == (first == second)


@given(st.binary(min_size=1, max_size=40))
def test_any_bytes_make_printable_text(name: bytes) -> None:
    text = shown(os.fsdecode(name))
    assert text.isprintable()
    text.encode("utf-8")


def test_paths_are_shown_with_slashes() -> None:
    assert shown_path(os.path.join("cats", "a\tb.png")) == "cats/a\\tb.png"
