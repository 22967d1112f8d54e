"""Which loggers there are, and how they are opened and closed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from mirada.errors import UnsupportedError, UsageError
from mirada.training.loggers.logger import Logger, Target
from mirada.training.loggers.mlflow import MLflow
from mirada.training.loggers.tensorboard import TensorBoard
from mirada.training.loggers.trackio import Trackio
from mirada.training.loggers.wandb import WeightsAndBiases
from mirada.training.watch import Watch

__all__ = ["LOGGERS", "opened", "require_loggers"]

LOGGERS: Mapping[str, Callable[[], Target]] = MappingProxyType(
    {
        "tensorboard": TensorBoard,
        "mlflow": MLflow,
        "wandb": WeightsAndBiases,
        "trackio": Trackio,
    }
)
"""Every program that can be told, by the name that `--log` takes."""

_OWN = ("tensorboard",)
"""What mirada writes by itself."""


def require_loggers(names: Sequence[str]) -> None:
    """Refuses what is no logger, or is not installed.

    Raises UsageError (`log-name`), UnsupportedError (`log-not-installed`).
    """
    for name in names:
        if name not in LOGGERS:
            raise UsageError(
                "log-name",
                "'{name}' is no program that a run can be logged to. Choose of "
                "{known}; metrics.jsonl and results.csv are written anyway.",
                name=name,
                known=", ".join(LOGGERS),
            )
        if name not in _OWN and find_spec(name) is None:
            raise UnsupportedError(
                "log-not-installed",
                "--log {name} needs the package {name}, which is not installed. "
                "Install it with: pip install {name}",
                name=name,
            )


@contextmanager
def opened(
    names: Sequence[str], folder: Path, others: Watch | None = None
) -> Iterator[tuple[Logger, ...]]:
    """The loggers so named for the run in a folder, closed at the end of the block.

    `others` hears what they have to say to a person. Raises what `require_loggers`
    raises.
    """
    require_loggers(names)
    with ExitStack() as stack:
        found = []
        for name in dict.fromkeys(names):
            logger = Logger(name, LOGGERS[name](), folder, others)
            stack.callback(logger.close)
            found.append(logger)
        yield tuple(found)
