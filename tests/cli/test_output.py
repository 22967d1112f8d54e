"""Where output goes, and what a terminal gets."""

import json
import os
import re
import sys

import pytest

from mirada.cli import output
from mirada.cli.output import Column, bytes_text, count_text, printable
from mirada.language import use_language

COLUMNS = (Column("Layer"), Column("Count", numbers=True))
ROWS = [("conv1", 1234), ("a long name", 5)]


def test_a_plain_table_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "Layer        Count",
        "conv1         1234",
        "a long name      5",
    ]


def test_a_table_on_a_terminal_cuts_no_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    output.show_table(COLUMNS, [("a very long name " * 3, 12345678901234)])
    drawn = capsys.readouterr().out
    assert "12345678901234" in drawn
    assert not re.search(r"\x1b\[[0-9;]*[349][0-9]", drawn), "a colour"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", drawn)
    assert max(map(len, plain.splitlines())) <= 30


def test_long_lines_hang_on_a_terminal_and_are_whole_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["title", "  one two three four five six", "", "10 - 3 + 4 = 11 " * 3]
    output.show_lines(lines)
    assert capsys.readouterr().out.split("\n")[:-1] == lines
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    output.show_lines(lines)
    assert capsys.readouterr().out.splitlines() == [
        "title",
        "  one two three four",
        "    five six",
        "",
        "10 - 3 + 4 = 11 10 -",
        "  3 + 4 = 11 10 - 3",
        "  + 4 = 11",
    ]


def test_markup_in_a_cell_is_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.show_table(COLUMNS, [("[red]cat[/red] :smile:", 1)])
    assert "[red]cat[/red] :smile:" in capsys.readouterr().out


def test_control_characters_are_shown_not_obeyed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.show("cat\x1b[2J\u202e\nsecond line")
    assert capsys.readouterr().out == "cat\\x1b[2J\\u202e\nsecond line\n"
    assert printable("ñandú") == "ñandú"


def test_talk_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("working")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "working\n")


def test_json_is_one_ascii_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_json({"name": "ñ", "value": 0.5})
    line = capsys.readouterr().out
    assert line.isascii() and line.count("\n") == 1
    assert json.loads(line) == {"name": "ñ", "value": 0.5}


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        output.show_json({"value": float("nan")})


def test_numbers_are_written_as_the_language_does() -> None:
    assert count_text(61_100_840) == "61,100,840"
    assert bytes_text(1536) == "1.5 KiB"
    use_language("es")
    assert count_text(61_100_840) == "61.100.840"
    assert bytes_text(1536) == "1,5 KiB"
    assert bytes_text(12) == "12 B"


def test_bytes_stop_at_the_largest_unit() -> None:
    assert bytes_text(2**50) == "1024.0 TiB"


def test_without_a_command_nothing_is_quiet() -> None:
    assert not output.is_quiet()


def test_rich_is_loaded_for_a_terminal_only() -> None:
    code = (
        "import sys; from mirada.cli import main; main(['summary', 'lenet5']); "
        "sys.exit('rich' in sys.modules)"
    )
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", code) == 0
