"""What differs between the configurations of runs, in the cells of a table."""

import json

from mirada.tasks.pictures import origin_text
from mirada.training import Origin
from mirada.training.comparison import Changed

__all__ = ["changed_cells"]

_WIDEST = 60


def changed_cells(change: Changed) -> list[str]:
    """The name of a value, then for each run what it is and where it came from."""
    cells = []
    for value, origin in zip(change.values, change.origins, strict=True):
        text = "-" if value is None else json.dumps(value, ensure_ascii=False)
        text = text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
        told = origin_text(Origin(origin)) if origin and value is not None else ""
        cells.append(f"{text} ({told})" if told else text)
    return [change.name, *cells]
