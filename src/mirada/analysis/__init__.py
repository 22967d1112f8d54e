"""What follows from a description without running it: exact, with the arithmetic."""

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

__all__ = [
    "AxisField",
    "DenseMatrix",
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
    "count_operations",
    "count_parameters",
    "dense_matrix",
    "explain",
    "field_sums",
    "fully_connected",
    "fully_connected_equivalent",
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
