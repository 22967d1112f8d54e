"""MLflow: the run in its tracking store.

The store is that of MLFLOW_TRACKING_URI, else the file `mlflow.db` beside the run.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirada.training.loggers.logger import Target

__all__ = ["MLflow"]

EXPERIMENT = "mirada"
STORE = "mlflow.db"

_LONGEST = 500
"""How long a parameter's value may be in every store."""


class MLflow(Target):
    """A run of the experiment "mirada", or of that in MLFLOW_EXPERIMENT_NAME."""

    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        self._mlflow = mlflow
        if "MLFLOW_TRACKING_URI" not in os.environ:
            store = folder.resolve().parent / STORE
            mlflow.set_tracking_uri(f"sqlite:///{store}")
        if "MLFLOW_EXPERIMENT_NAME" not in os.environ:
            mlflow.set_experiment(EXPERIMENT)
        run = mlflow.start_run(run_id=identity or None, run_name=folder.name)
        if not identity:
            mlflow.log_params({k: str(v)[:_LONGEST] for k, v in values.items()})
        return str(run.info.run_id)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._mlflow.log_metrics(dict(values), step=step)

    def end(self, *, finished: bool) -> None:
        self._mlflow.end_run("FINISHED" if finished else "KILLED")
