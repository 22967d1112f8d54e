"""A look inside a trained network: every number of an answer, and what was learned.

Everything is asked of an engine (activations, gradients) or computed from plain arrays;
nothing here knows runs, files or machine code.
"""

from mirada.inspection.arithmetic import (
    Arithmetic,
    Following,
    arithmetic,
    layers_needed,
)
from mirada.inspection.input_box import InputBox, input_box
from mirada.inspection.methods import METHODS

__all__ = [
    "METHODS",
    "Arithmetic",
    "Following",
    "InputBox",
    "arithmetic",
    "input_box",
    "layers_needed",
]
