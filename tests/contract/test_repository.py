"""Files stay short, and say nothing of the place they were written in."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.sizes import FILE_FAILS, long_files, long_functions, sources
from tests.contract.tree import ROOT

PLACES = [f"/{name}/" for name in ("tmp", "work", "root", "home", "opt")]
WORDS = ["ses" + "sion"]
FORBIDDEN = re.compile("|".join([*PLACES, *(rf"\b{w}s?\b" for w in WORDS)]), re.I)
ALLOWED = re.compile(r"""scope=["']\w+["']""")
"""pytest's widest scope is called by a word that has no place elsewhere."""


def repository_files() -> list[Path]:
    """Every file that is, or could be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, listed.stderr
    return [ROOT / name for name in listed.stdout.splitlines()]


def places(text: str) -> Iterator[tuple[int, str]]:
    """The line and words of everything that names a place or a way of working."""
    for number, line in enumerate(text.splitlines(), 1):
        found = FORBIDDEN.search(ALLOWED.sub("", line))
        if found:
            yield number, found.group()


def test_no_file_names_the_place_it_was_written_in() -> None:
    found = []
    for path in repository_files():
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        name = path.relative_to(ROOT)
        found += [f"{name}:{number}: {words}" for number, words in places(text)]
    assert not found, "\n".join(found)


def test_no_file_is_too_long() -> None:
    assert list(long_files(FILE_FAILS)) == []


def test_long_functions_give_their_reason() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}: {length} lines"
        for path in sources()
        if path.suffix == ".py"
        for name, line, length in long_functions(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_planted_places_are_found() -> None:
    planted = "fine\nopen('" + PLACES[0] + "x')\n" + WORDS[0].title() + " 3\n"
    assert [number for number, _ in places(planted)] == [2, 3]
    scope = f'@pytest.fixture(scope="{WORDS[0]}")'
    assert list(places(scope + "\nInferenceS" + WORDS[0][1:])) == []


def test_a_planted_long_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("x = 1\n" * (FILE_FAILS + 1))
    (tmp_path / "src" / "short.py").write_text("x = 1\n" * FILE_FAILS)
    assert list(long_files(FILE_FAILS, tmp_path)) == [(Path("src/long.py"), 601)]


def test_a_planted_long_function_is_found() -> None:
    body = "    x = 1\n" * 60
    assert list(long_functions(f"def long():\n{body}")) == [("long", 1, 61)]
    assert list(long_functions(f"# long because so\ndef long():\n{body}")) == []
    assert list(long_functions(f"def short():\n{body[:-10]}")) == []
