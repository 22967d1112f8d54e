"""What `mirada convolve --json` prints."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.cli.convolve_input import Given
from mirada.inspection import Arithmetic
from mirada.inspection.sliding import Sliding

__all__ = ["convolve_plain"]

SCHEMA = 1

Numbers = NDArray[Any]


def convolve_plain(
    given: Given,
    found: Sliding,
    kind: str,
    kernel: Numbers | None,
    steps: Sequence[Arithmetic],
) -> dict[str, Any]:
    """The result as `mirada convolve --json` prints it; a photo without its numbers."""
    rows, columns = found.height.window, found.width.window
    times, plus = found.operations
    nothing = dict.fromkeys(("per_channel", "sum", "output"))
    told = nothing if given.is_photo else _numbers(found)
    return {
        "schema": SCHEMA,
        "image": given.name,
        "shape": list(given.values.shape),
        "kind": kind,
        "kernel": kernel if kernel is None else _slices(kernel),
        "same_when_flipped": None
        if kernel is None
        else bool(np.array_equal(kernel, kernel[:, ::-1, ::-1])),
        "padding": [rows.start, rows.end, columns.start, columns.end],
        "stride": [rows.stride, columns.stride],
        "dilation": [rows.dilation, columns.dilation],
        "bias": found.bias,
        "activation": found.activation and found.activation.kind,
        "size": [found.height.formula, found.width.formula],
        "output_shape": list(found.output.shape),
        "operations": times + plus,
        "dense_matrix": None if kernel is None else _dense(found),
        **told,
        "steps": [_step(step) for step in steps],
    }


def _numbers(found: Sliding) -> dict[str, Any]:
    """Every map; of one channel the output is its rows."""
    output = found.output
    alone = found.kernel is None and len(output) == 1
    return {
        "per_channel": found.per_channel.tolist(),
        "sum": None if found.total is None else found.total.tolist(),
        "output": (output[0] if alone else output).tolist(),
    }


def _slices(kernel: Numbers) -> Any:
    return kernel[0].tolist() if len(kernel) == 1 else kernel.tolist()


def _dense(found: Sliding) -> dict[str, int]:
    dense = found.dense
    return {"entries": dense.entries, "nonzero": dense.nonzero}


def _step(step: Arithmetic) -> dict[str, Any]:
    plain = step.to_dict()
    names = ("window", "inside", "weights", "products", "sum", "bias", "value")
    row, column = step.place[1:]
    kept = {name: plain[name] for name in (*names, "formula", "activation")}
    return {"channel": step.place[0], "row": row, "column": column, **kept}
