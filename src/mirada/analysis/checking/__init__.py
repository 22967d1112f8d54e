"""A person's table of sizes and parameters, corrected: right, or which mistake."""

from mirada.analysis.checking.cell import Cell, Check
from mirada.analysis.checking.check import check
from mirada.analysis.checking.layer_names import Row
from mirada.analysis.checking.mistakes import MISTAKES

__all__ = ["MISTAKES", "Cell", "Check", "Row", "check"]
