"""What "same" padding means: three things, side by side.

    TensorFlow, Keras, ONNX   total = max((ceil(I/S) - 1)*S + D(F - 1) + 1 - I, 0)
    PyTorch                   total = D(F - 1), for stride 1 only

An odd pixel goes to the end (Keras, ONNX SAME_UPPER, PyTorch) or to the start
(SAME_LOWER). Some formula sheets leave the max out and get negative padding.
"""

from dataclasses import dataclass
from typing import Any

from mirada.analysis.arithmetic import equation
from mirada.analysis.size import whole, window_size
from mirada.network.window import same_padding

__all__ = ["Same", "same_meanings"]


@dataclass(frozen=True)
class Same:
    """What "same" padding means to one framework.

    `unclamped` is the total before it is held at 0: some formula sheets print it and
    so get negative padding. `output` is None where the framework refuses.
    """

    mode: str
    spoken_by: str
    start: int
    end: int
    unclamped: int
    formula: str
    output: int | None

    def to_dict(self) -> dict[str, Any]:
        """The meaning as `mirada size --json` prints it."""
        return {
            "mode": self.mode,
            "spoken_by": self.spoken_by,
            "padding": [self.start, self.end],
            "unclamped": self.unclamped,
            "output": self.output,
            "formula": self.formula,
        }


def same_meanings(I: int, F: int, S: int = 1, D: int = 1) -> tuple[Same, ...]:
    """The three meanings of "same" side by side.

    >>> [(s.mode, s.start, s.end, s.output) for s in same_meanings(5, 2)]
    [('same', 0, 1, 5), ('same-lower', 1, 0, 5), ('same-torch', 0, 1, 5)]
    """
    window_size(I, 1, S, D=D)
    whole("kernel", F, 1)
    return (
        _same("same", "TensorFlow, Keras, ONNX SAME_UPPER", I, F, S, D),
        _same("same-lower", "ONNX SAME_LOWER", I, F, S, D),
        _same("same-torch", "PyTorch", I, F, S, D),
    )


def _same(mode: str, spoken_by: str, I: int, F: int, S: int, D: int) -> Same:
    span = D * (F - 1) + 1
    start, end = same_padding(I, F, S, D, mode)
    if mode == "same-torch":
        output = None if S > 1 else I
        formula = equation(f"{D}*({F} - 1)", start + end)
        return Same(mode, spoken_by, start, end, start + end, formula, output)
    outputs = -(-I // S)
    unclamped = (outputs - 1) * S + span - I
    left = f"max((ceil({I}/{S}) - 1)*{S} + {span} - {I}, 0)"
    formula = equation(left, start + end)
    return Same(mode, spoken_by, start, end, unclamped, formula, outputs)
