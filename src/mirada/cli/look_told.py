"""How a look at a whole run is told, to a person and to a program."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mirada.cli.output import show
from mirada.language import translate
from mirada.tasks.findings import Findings, summary
from mirada.tasks.findings_plain import plain_findings

__all__ = ["plain", "tell"]

SCHEMA = 1
_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "images": 0,
        "accuracy": None,
        "per_class": (),
        "calibration": None,
        "confused": (),
        "wrong_labels": (),
        "mistakes": (),
    }
)


def tell(found: Findings | None, page: Path) -> None:
    """Prints what was found in a few sentences, and where the page is."""
    if found is None:
        show(translate("No image is left to judge the network by: see --data."))
    else:
        for sentence in summary(found):
            show(sentence)
    show()
    show(f"{translate('Look at it:')}  {shlex.quote(str(page))}")


def plain(found: Findings | None, written: Sequence[Path]) -> dict[str, Any]:
    """The object that scripts rely on."""
    names = [str(path) for path in written]
    return {
        "schema": SCHEMA,
        "report": names[-1],
        **(_NOTHING if found is None else plain_findings(found)),
        "written": names,
    }
