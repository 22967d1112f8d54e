"""What follows from a description without running it: exact, with the arithmetic."""

from mirada.analysis.checking import Check, check
from mirada.analysis.explanation import explain
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
from mirada.analysis.size import Same, WindowSize, same_meanings, window_size
from mirada.analysis.summary import LayerSummary, Summary, Totals, summarize

__all__ = [
    "AxisField",
    "Check",
    "DenseMatrix",
    "LayerSummary",
    "Memory",
    "Operations",
    "ParameterCount",
    "ReceptiveField",
    "Remark",
    "Same",
    "Summary",
    "Totals",
    "WindowSize",
    "check",
    "count_operations",
    "count_parameters",
    "dense_matrix",
    "explain",
    "fully_connected",
    "fully_connected_equivalent",
    "memory",
    "receptive_fields",
    "same_meanings",
    "summarize",
    "window_size",
]
