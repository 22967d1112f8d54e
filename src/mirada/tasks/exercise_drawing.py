"""What is drawn beside the hint of an exercise, as plain data without the answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mirada.analysis.exercises import Exercise
from mirada.language import translate
from mirada.network.layer import Shape, shape_text
from mirada.tasks.exercise_formula import formula_of, nodes_of

__all__ = ["hint_of"]

Drawing = dict[str, Any]
_HIDDEN = ("-missing", "same", "transposed")


def hint_of(exercise: Exercise) -> dict[str, Any]:
    """The hint in words, its formula in boxes, and its drawing, None where none is."""
    return {
        "text": str(exercise.hint),
        "formula": formula_of(exercise),
        "drawing": _drawing_of(exercise),
    }


def _drawing_of(exercise: Exercise) -> Drawing | None:
    """The drawing of a question: one of the forms that `views/hint_*.js` draw."""
    make = _MAKERS.get(exercise.topic)
    return None if make is None else make(exercise, exercise.given)


def _convolution(exercise: Exercise, given: Mapping[str, Any]) -> Drawing:
    """The image with its padding, the window laid over the place that is asked for."""
    padding, stride = given["padding"], given["stride"]
    rows, columns = len(given["kernels"][0]), len(given["kernels"][0][0])
    frame = {
        "kind": "in",
        "row": given["row"] * stride - padding,
        "column": given["column"] * stride - padding,
        "height": rows,
        "width": columns,
    }
    grids, count = list[Drawing](), len(given["images"])
    names = [str(matrix.name) for matrix in exercise.matrices]
    for place, (image, kernel) in enumerate(
        zip(given["images"], given["kernels"], strict=True)
    ):
        laid = [row[::-1] for row in kernel[::-1]] if given["turned"] else kernel
        name = translate("Kernel, turned") if given["turned"] else names[count + place]
        grids += [
            _grid(names[place], image, [frame], [padding] * 4),
            _grid(name, laid, []),
        ]
    return {"kind": "grids", "grids": grids, "note": _under(given)}


def _under(given: Mapping[str, Any]) -> str:
    text = translate("The window lies at row {row}, column {column} of the output.")
    return text.format(row=given["row"] + 1, column=given["column"] + 1)


def _grid(
    name: str,
    rows: Sequence[Sequence[float]],
    frames: Sequence[Mapping[str, Any]],
    sides: Sequence[int] = (0, 0, 0, 0),
) -> Drawing:
    plain = [list(row) for row in rows]
    return {"name": name, "rows": plain, "frames": list(frames), "sides": list(sides)}


def _pooling(exercise: Exercise, given: Mapping[str, Any]) -> Drawing:
    """The matrix with its windows; of several the largest in the first is shown."""
    size, stride, padding = given["kernel"], given["stride"], given["padding"]
    matrix, name = given["matrix"], str(exercise.matrices[0].name)

    def window(row: int, column: int, kind: str = "in") -> dict[str, Any]:
        places = {"row": row * stride - padding, "column": column * stride - padding}
        return {"kind": kind, **places, "height": size, "width": size}

    if "row" in given or exercise.kind == "global":
        frames = [window(given.get("row", 0), given.get("column", 0))]
        beyond = translate("Beyond the edge there is no number.") if padding else ""
        return _pooled(name, matrix, frames, padding, beyond)
    counts = [(len(side) - size) // stride + 1 for side in (matrix, matrix[0])]
    frames = [window(0, 0)]
    if size <= stride:
        rest = [(y, x) for y in range(counts[0]) for x in range(counts[1]) if y or x]
        frames += [window(y, x, "wide") for y, x in rest]
    note = translate("The first window; the next one lies {stride} further.")
    if given["pooling"] == "max":
        frames.append(_largest(matrix, size))
    return _pooled(name, matrix, frames, padding, note.format(stride=stride))


def _pooled(
    name: str, matrix: Any, frames: list[dict[str, Any]], padding: int, note: str
) -> Drawing:
    grids = [{**_grid(name, matrix, frames, [padding] * 4), "is_empty_beyond": True}]
    return {"kind": "grids", "grids": grids, "note": note}


def _largest(matrix: Any, size: int) -> dict[str, Any]:
    """A frame around the largest number of the first window."""
    cells = [(y, x) for y in range(size) for x in range(size)]
    row, column = max(cells, key=lambda cell: matrix[cell[0]][cell[1]])
    return {"kind": "most", "row": row, "column": column, "height": 1, "width": 1}


def _size(exercise: Exercise, given: Mapping[str, Any]) -> Drawing | None:
    if "layers" in given:
        return _blocks(given)
    if any(word in exercise.kind for word in _HIDDEN):
        return None
    axes = {"": given} if "kernel" in given else dict(given)
    names = {"height": translate("Height"), "width": translate("Width"), "": ""}
    strips = [_strip(names[name], axis) for name, axis in axes.items()]
    return {"kind": "strips", "strips": strips}


def _strip(name: str, axis: Mapping[str, Any]) -> Drawing:
    start, end = axis["padding"]
    plain = {key: axis[key] for key in ("input", "kernel", "stride", "dilation")}
    return {"name": name, **plain, "start": start, "end": end}


def _blocks(given: Mapping[str, Any]) -> Drawing:
    """The input to scale; what comes after each layer is to be found out."""
    shape: Shape = tuple(given["input"])
    steps = [
        {"text": node.layer.text(), "is_vector": len(made) == 1}
        for node, _, made in nodes_of(given)
    ]
    return {
        "kind": "blocks",
        "input": list(shape),
        "label": shape_text((*shape[1:], shape[0])),
        "steps": steps,
    }


def _layers(exercise: Exercise, given: Mapping[str, Any]) -> Drawing | None:
    """Layers one after the other; a single one is told by its formula."""
    is_told = exercise.kind == "pooling" or len(given.get("layers", ())) > 1
    return _blocks(given) if is_told and len(given["input"]) == 3 else None


def _relu(exercise: Exercise, given: Mapping[str, Any]) -> Drawing | None:
    if "matrix" not in given or exercise.kind == "order":
        return None
    values = [value for row in given["matrix"] for value in row]
    return {
        "kind": "curve",
        "slope": given.get("slope", 0),
        "bias": given.get("bias", 0),
        "reach": max(map(abs, values)),
    }


def _softmax(exercise: Exercise, given: Mapping[str, Any]) -> Drawing | None:
    if "scores" not in given or "class" not in given:
        return None
    most = max(given["scores"])
    return {
        "kind": "shares",
        "scores": [score - most for score in given["scores"]],
        "names": [f"e^{score}" for score in given["scores"]],
        "asked": given["class"] - 1,
    }


def _field(exercise: Exercise, given: Mapping[str, Any]) -> Drawing | None:
    """One output and the window that it sees in the layer before; further is open."""
    if exercise.kind == "layers-missing":
        return None
    windows = [node.layer.windows(taken) for node, taken, _ in nodes_of(given)]
    axes = [pair[0] for pair in windows if pair is not None]
    return {
        "kind": "field",
        "layers": [
            {"kernel": w.size, "stride": w.stride, "dilation": w.dilation} for w in axes
        ],
    }


_MAKERS: Mapping[str, Callable[[Exercise, Mapping[str, Any]], Drawing | None]] = {
    "convolution": _convolution,
    "size": _size,
    "parameters": _layers,
    "relu": _relu,
    "pooling": _pooling,
    "softmax": _softmax,
    "receptive-field": _field,
    "macs": _layers,
}
