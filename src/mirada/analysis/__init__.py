"""What follows from a description without running it: exact, with the arithmetic."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mirada.analysis.explanation import explain
from mirada.analysis.field_sum import FieldSum, FieldTerm, field_sums
from mirada.analysis.memory import Memory, memory
from mirada.analysis.operations import (
    DenseMatrix,
    Operations,
    count_operations,
    dense_matrix,
)
from mirada.analysis.parameters import (
    ParameterCount,
    count_parameters,
    fully_connected,
    fully_connected_equivalent,
)
from mirada.analysis.receptive import AxisField, ReceptiveField, receptive_fields
from mirada.analysis.remarks import Remark
from mirada.analysis.same import Same, same_meanings
from mirada.analysis.size import WindowSize, pool_size, window_size
from mirada.analysis.solve import Within, transposed_giving, windows_giving
from mirada.analysis.summary import LayerSummary, Summary, Totals, summarize
from mirada.analysis.transposed import TransposedSize, transposed_size

if TYPE_CHECKING:
    from mirada.analysis.checking import Check, check
    from mirada.analysis.exercises import (
        Exercise,
        generate_exercises,
        generate_versions,
    )

__all__ = [
    "AxisField",
    "Check",
    "DenseMatrix",
    "Exercise",
    "FieldSum",
    "FieldTerm",
    "LayerSummary",
    "Memory",
    "Operations",
    "ParameterCount",
    "ReceptiveField",
    "Remark",
    "Same",
    "Summary",
    "Totals",
    "TransposedSize",
    "WindowSize",
    "Within",
    "check",
    "count_operations",
    "count_parameters",
    "dense_matrix",
    "explain",
    "field_sums",
    "fully_connected",
    "fully_connected_equivalent",
    "generate_exercises",
    "generate_versions",
    "memory",
    "pool_size",
    "receptive_fields",
    "same_meanings",
    "summarize",
    "transposed_giving",
    "transposed_size",
    "window_size",
    "windows_giving",
]

_LATER = {
    "Check": "checking",
    "check": "checking",
    "Exercise": "exercises",
    "generate_exercises": "exercises",
    "generate_versions": "exercises",
}


def __getattr__(name: str) -> Any:
    """Tables and exercises are looked up when first used: summaries start without."""
    if name not in _LATER:
        raise AttributeError(f"module 'mirada.analysis' has no attribute {name!r}")
    return getattr(import_module(f"mirada.analysis.{_LATER[name]}"), name)
