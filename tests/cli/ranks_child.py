"""`mirada` in a process of several, one of which is killed before a step, once."""

import os
import signal
import sys
from typing import Any

from mirada.cli import main
from mirada.engines.torch.engine import TorchEngine


def plant(rank: int, at: int) -> None:
    """Lets a rank be killed before a step, unless torchrun has begun again."""
    whole = TorchEngine.train_step

    def killed(self: TorchEngine, *given: Any, step: int, **named: Any) -> Any:
        if step == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(self, *given, step=step, **named)

    own = int(os.environ["RANK"]) == rank
    if own and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        TorchEngine.train_step = killed  # type: ignore[method-assign]


if __name__ == "__main__":
    plant(int(os.environ["KILLED_RANK"]), int(os.environ["KILLED_STEP"]))
    sys.exit(main())
