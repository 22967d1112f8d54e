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
from mirada.inspection.calibration import (
    Calibration,
    best_temperature,
    calibration,
    tempered,
)
from mirada.inspection.input_box import InputBox, input_box
from mirada.inspection.intervals import Estimate, class_estimates, wilson
from mirada.inspection.methods import METHODS
from mirada.inspection.wrong_labels import WrongLabels, likely_wrong_labels

__all__ = [
    "METHODS",
    "Arithmetic",
    "Calibration",
    "Estimate",
    "Following",
    "InputBox",
    "WrongLabels",
    "arithmetic",
    "best_temperature",
    "calibration",
    "class_estimates",
    "input_box",
    "layers_needed",
    "likely_wrong_labels",
    "tempered",
    "wilson",
]
