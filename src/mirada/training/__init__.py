"""Training: configuration, the loop, checkpoints, model files, what was measured.

Plain data in, plain data out: pictures of it are made upstairs, in `views`.
"""

from mirada.training.answers import Answers, answer
from mirada.training.computing import engine_for
from mirada.training.configuration import Configuration, DataFacts, Origin
from mirada.training.controls import Controls, RateWish
from mirada.training.folder import RunFolder
from mirada.training.foretold import ForetoldMemory, foretold_memory
from mirada.training.history import EpochRow
from mirada.training.interrupt import Interrupt, RunInterruptedError
from mirada.training.loop import train
from mirada.training.metrics import (
    ClassMetrics,
    Evaluation,
    Mistake,
    evaluate,
    evaluation_of,
)
from mirada.training.model import Model, load_model, save_model
from mirada.training.place import Place, RateChange
from mirada.training.plan import Outcome, Plan
from mirada.training.resolve import resolve
from mirada.training.runs import RunSummary, list_runs, read_run
from mirada.training.watch import Watch, Watches
from mirada.training.wishes import Wishes

__all__ = [
    "Answers",
    "ClassMetrics",
    "Configuration",
    "Controls",
    "DataFacts",
    "EpochRow",
    "Evaluation",
    "ForetoldMemory",
    "Interrupt",
    "Mistake",
    "Model",
    "Origin",
    "Outcome",
    "Place",
    "Plan",
    "RateChange",
    "RateWish",
    "RunFolder",
    "RunInterruptedError",
    "RunSummary",
    "Watch",
    "Watches",
    "Wishes",
    "answer",
    "engine_for",
    "evaluate",
    "evaluation_of",
    "foretold_memory",
    "list_runs",
    "load_model",
    "read_run",
    "resolve",
    "save_model",
    "train",
]
