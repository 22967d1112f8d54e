"""A command that several processes run together, as torchrun starts them.

The first of them does what the command does alone; the others compute with it, write
nothing and say nothing but errors that only they have met.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mirada import engines
from mirada.cli.failure import failed
from mirada.cli.output import say
from mirada.engines.group import ElsewhereError, Group, is_launched
from mirada.errors import DivergenceError, GroupError, MiradaError, UsageError
from mirada.language import translate
from mirada.tasks.folders import RUNS
from mirada.training import RunFolder
from mirada.training.launch import Launch

__all__ = ["folder_of_launch", "held", "in_ranks", "require_alone"]


def in_ranks(run: Callable[[Group], int]) -> int:
    """Runs something in all processes that were started together; its exit code."""
    group = engines.joined()
    if not group.is_first:
        click.get_current_context().find_root().params["quiet"] = True
    try:
        code = run(group)
    except ElsewhereError as error:
        return error.exit_code
    except MiradaError as error:
        if not _is_told(error, group):
            return error.exit_code
        if group.is_first:
            raise
        return failed(error, as_json=False)
    group.close()
    return code


def _is_told(error: MiradaError, group: Group) -> bool:
    """Whether this process tells of an error, which others may have met too."""
    if group.is_first and click.get_current_context().params.get("as_json"):
        return True
    if isinstance(error, GroupError):
        return group.is_told_here()
    # All have met what is not finite; any other error is of one process.
    return group.is_first or not isinstance(error, DivergenceError)


def require_alone(group: Group) -> None:
    """Refuses to make many runs, or none, by many processes (`ranks-one-run`)."""
    if group.size > 1:
        raise UsageError(
            "ranks-one-run",
            "{ranks} processes train one run together; they make no study and no "
            "trial. Leave out torchrun, or what asks for them.",
            ranks=group.size,
        )


def folder_of_launch(group: Group, out: Path | None) -> Path | None:
    """Where this launch began a run before its processes were started again."""

    def find() -> str | None:
        if not is_launched():
            return None
        found = Launch.of_environment().begun(out, RUNS)
        if found is not None:
            say(translate("The processes were started again; the run goes on."))
        return None if found is None else str(found)

    path = group.told(group.at_first(find))
    return None if path is None else Path(path)


@contextmanager
def held(group: Group, make: Callable[[], RunFolder]) -> Iterator[RunFolder | None]:
    """The folder of a run, which the first process has; None at the others."""

    def marked() -> RunFolder:
        folder = make()
        if is_launched():
            Launch.of_environment().mark(folder)
        return folder

    folder = group.at_first(marked)
    try:
        yield folder
    finally:
        if folder is not None:
            folder.close()
