"""Other programs that are told how a run goes, as `--log NAME` asks.

    with opened(("tensorboard",), folder) as loggers:
        train(plan, engine, run_folder, Watches(shown, *loggers))

`metrics.jsonl` and `results.csv` are always written, and need none of these.
"""

from mirada.training.loggers.opening import LOGGERS, opened, require_loggers

__all__ = ["LOGGERS", "opened", "require_loggers"]
