"""Who looks on while a run is trained: the terminal, the crash file, other programs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mirada.cli.progress import watching
from mirada.training import Configuration, Watch
from mirada.training.crash import crash_watch
from mirada.training.watch import Watches

__all__ = ["onlookers"]


@contextmanager
def onlookers(
    configuration: Configuration, folder: Path, *others: Watch
) -> Iterator[Watches]:
    """All of them as one watch, closed at the end of the block."""
    with ExitStack() as stack:
        shown = stack.enter_context(watching())
        loggers: tuple[Watch, ...] = ()
        if configuration.log:
            # Few runs need them, and every command's start-up would pay.
            from mirada.training.loggers import opened

            loggers = stack.enter_context(opened(configuration.log, folder, shown))
        crash = stack.enter_context(crash_watch(folder, Watch()))
        yield Watches(crash, shown, *loggers, *others)
