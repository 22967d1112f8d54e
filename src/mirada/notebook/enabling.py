"""Networks and runs that show themselves as the last value of a cell."""

import sys
from typing import Any

from mirada.network import Network
from mirada.notebook.tables import summary
from mirada.notebook.training import curves
from mirada.training import Outcome, RunSummary

__all__ = ["enable"]


def enable() -> None:
    """From now on a network is shown as its summary, a training as its curves.

    Outside of IPython there is nothing to do.
    """
    interactive = sys.modules.get("IPython")
    shell = None if interactive is None else interactive.get_ipython()
    if shell is None:
        return
    forms = shell.display_formatter.mimebundle_formatter
    forms.for_type(Network, _summary)
    for kind in (Outcome, RunSummary):
        forms.for_type(kind, _curves)


def _summary(network: Network, **_: object) -> dict[str, Any]:
    return summary(network)._repr_mimebundle_()


def _curves(run: Outcome | RunSummary, **_: object) -> dict[str, Any]:
    return curves(run)._repr_mimebundle_()
