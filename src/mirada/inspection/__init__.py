"""A look inside a trained network: every number of an answer, and what was learned.

Everything is asked of an engine (activations, gradients) or computed from plain arrays;
nothing here knows runs, files or machine code.
"""

from mirada.inspection.cam_layer import CamLayer, cam_layer
from mirada.inspection.methods import METHODS
from mirada.inspection.reason import Answer, Reason
from mirada.inspection.reasons import fitting_methods, reasons

__all__ = [
    "METHODS",
    "Answer",
    "CamLayer",
    "Reason",
    "cam_layer",
    "fitting_methods",
    "reasons",
]
