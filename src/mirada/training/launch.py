"""Which launch of torchrun a process belongs to, and the runs that it began.

When one of its processes dies torchrun starts all of them again with the same command.
The run goes on then, although nobody said --resume: a line in its folder tells that it
is one of the same launch.
"""

import os
import socket
from pathlib import Path
from typing import NamedTuple, Self

from mirada.training.folder import LAUNCH, RunFolder

__all__ = ["Launch"]

_UNNAMED = ("", "none")
"""What torchrun calls a launch that nobody named."""


class Launch(NamedTuple):
    """A launch by its name, and how often it has started its processes again.

    >>> Launch("7", 1).began(Path("nowhere"))
    False
    """

    name: str
    restarts: int

    @classmethod
    def of_environment(cls) -> Self:
        """The launch that this process belongs to.

        One that is not named is named for the launcher's process on this computer.
        """
        name = os.environ.get("TORCHELASTIC_RUN_ID", "")
        if name in _UNNAMED:
            name = f"{socket.gethostname()}:{os.getppid()}"
        return cls(name, int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")))

    def mark(self, folder: RunFolder) -> None:
        """Writes into a folder that its run is one of this launch."""
        folder.write(LAUNCH, self.name.encode() + b"\n")

    def began(self, folder: Path) -> bool:
        """Whether it is processes of before a restart that began in a folder."""
        path = folder / LAUNCH
        return (
            self.restarts > 0
            and path.is_file()
            and path.read_bytes() == self.name.encode() + b"\n"
        )

    def begun(self, out: Path | None, runs: Path) -> Path | None:
        """The folder, `out` or one in `runs`, in which it began before a restart."""
        if out is not None:
            return out if self.began(out) else None
        marked = [path.parent for path in runs.glob(f"*/{LAUNCH}")]
        return next(filter(self.began, marked), None)
