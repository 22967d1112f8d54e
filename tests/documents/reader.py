"""Somebody who types everything a chapter shows, in a folder of their own."""

import code
import io
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from mirada.cli import main
from mirada.language import use_language
from tests.documents.chapter import (
    Block,
    Turn,
    cut_like,
    first_word,
    masked,
    replies,
    same,
)
from tests.documents.stand_in import write_stand_in

__all__ = ["Reader", "typing_in"]


@contextmanager
def typing_in(lines: list[str]) -> Iterator[None]:
    """What a program reads from its user meanwhile; nothing where there is nothing."""
    before = sys.stdin
    sys.stdin = io.StringIO("".join(f"{line}\n" for line in lines))
    try:
        yield
    finally:
        sys.stdin = before


class Reader:
    """Types block after block; what was defined in Python stays."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.language = language
        self._python = code.InteractiveInterpreter({"__name__": "__console__"})

    def answered(self, block: Block) -> str:
        """The body of a block as it should read."""
        if block.mark.startswith("file:"):
            name = block.mark.removeprefix("file:").strip()
            (self.folder / name).write_text(block.body, encoding="utf-8")
            return block.body
        with self._at_the_desk():
            if block.mark.startswith("needs:"):
                self._stand_in(block.mark.split()[1])
            turns = [(turn, self._answer(block, turn)) for turn in block.turns]
        lines = (part for t, answer in turns for part in (t.typed, answer) if part)
        return "\n".join(lines) + "\n"

    def _stand_in(self, name: str) -> None:
        """Puts a small data set of the same kind where the named one would be."""
        if not Path(name).exists():
            write_stand_in(Path(name))

    def _answer(self, block: Block, turn: Turn) -> str:
        printed = io.StringIO()
        with (
            redirect_stdout(printed),
            redirect_stderr(printed),
            typing_in(replies(turn.answer)),
        ):
            if block.kind == "console":
                self._command(turn.typed)
            else:
                self._session(turn.typed)
        answer = printed.getvalue().rstrip("\n")
        assert "Traceback" not in answer, f"{turn.typed}\n{answer}"
        of_line = first_word if "varies in words" in block.mark else masked
        cut = cut_like(turn.answer, answer, of_line)
        assert cut is not None, f"{turn.typed}\nlines left out do not fit\n{answer}"
        if "varies" in block.mark and same(cut, turn.answer, of_line):
            return turn.answer
        return cut

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
