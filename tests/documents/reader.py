"""Somebody who types everything a chapter shows, in a folder of their own."""

import code
import io
import os
import shlex
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from mirada.cli import main
from mirada.language import use_language
from tests.documents.chapter import Block, Turn, cut_like, masked
from tests.shared import shared_data

__all__ = ["Reader"]


class Reader:
    """Types block after block; what was defined in Python stays."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.language = language
        self._python = code.InteractiveInterpreter({"__name__": "__console__"})

    def answered(self, block: Block) -> str:
        """The body of a block as it should read."""
        if "pending" in block.mark:
            return block.body
        if block.mark.startswith("file:"):
            name = block.mark.removeprefix("file:").strip()
            (self.folder / name).write_text(block.body, encoding="utf-8")
            return block.body
        with self._at_the_desk():
            if block.mark.startswith("needs:") and not self._has(block):
                return block.body
            turns = [(turn, self._answer(block, turn)) for turn in block.turns]
        lines = (part for t, answer in turns for part in (t.typed, answer) if part)
        return "\n".join(lines) + "\n"

    def _has(self, block: Block) -> bool:
        """Whether the data set that a block needs is at hand."""
        name = block.mark.removeprefix("needs:").strip().split()[0]
        try:
            found = shared_data(name)
        except pytest.skip.Exception:
            return False
        if not Path(name).exists():
            Path(name).symlink_to(found)
        return True

    def _answer(self, block: Block, turn: Turn) -> str:
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            if block.kind == "console":
                self._command(turn.typed)
            else:
                self._session(turn.typed)
        answer = printed.getvalue().rstrip("\n")
        assert "Traceback" not in answer, f"{turn.typed}\n{answer}"
        cut = cut_like(turn.answer, answer)
        assert cut is not None, f"{turn.typed}\nlines left out do not fit\n{answer}"
        varies = "varies" in block.mark
        same = [*map(masked, cut.splitlines())] == [
            *map(masked, turn.answer.splitlines())
        ]
        return turn.answer if varies and same else cut

    def _command(self, typed: str) -> None:
        program, *words = shlex.split(typed.removeprefix("$ "))
        assert program == "mirada", typed
        code = main(words)
        assert code != 1, typed

    def _session(self, typed: str) -> None:
        source = "\n".join(line[4:] for line in typed.splitlines())
        incomplete = self._python.runsource(source + "\n")
        assert not incomplete, typed

    @contextmanager
    def _at_the_desk(self) -> Iterator[None]:
        """The reader's folder, language and width of the window."""
        wanted = {"MIRADA_LANG": self.language, "COLUMNS": "80", "NO_COLOR": "1"}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        use_language(self.language)
        try:
            with chdir(self.folder):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
