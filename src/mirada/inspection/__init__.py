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
from mirada.inspection.cam_layer import CamLayer, cam_layer
from mirada.inspection.dead import Activity, activity
from mirada.inspection.filters import LayerFilters, layer_filters
from mirada.inspection.gabor_bank import Comparison, compare_with_bank
from mirada.inspection.input_box import InputBox, input_box
from mirada.inspection.intervals import Estimate, class_estimates, wilson
from mirada.inspection.kernels import KERNELS, Kernel, named_kernel
from mirada.inspection.maps import LayerMaps, feature_maps
from mirada.inspection.maximise import Ascent, Liked, maximise
from mirada.inspection.methods import METHODS
from mirada.inspection.patches import Patch, best_patches
from mirada.inspection.probe import Probe, probe_layers
from mirada.inspection.reason import Answer, Reason
from mirada.inspection.reasons import fitting_methods, reasons
from mirada.inspection.shift import Shift, shift_effects
from mirada.inspection.sliding import Sliding, slide_kernel, slide_pooling
from mirada.inspection.trunk import trunk_engine
from mirada.inspection.wrong_labels import WrongLabels, likely_wrong_labels

__all__ = [
    "KERNELS",
    "METHODS",
    "Activity",
    "Answer",
    "Arithmetic",
    "Ascent",
    "Calibration",
    "CamLayer",
    "Comparison",
    "Estimate",
    "Following",
    "InputBox",
    "Kernel",
    "LayerFilters",
    "LayerMaps",
    "Liked",
    "Patch",
    "Probe",
    "Reason",
    "Shift",
    "Sliding",
    "WrongLabels",
    "activity",
    "arithmetic",
    "best_patches",
    "best_temperature",
    "calibration",
    "cam_layer",
    "class_estimates",
    "compare_with_bank",
    "feature_maps",
    "fitting_methods",
    "input_box",
    "layer_filters",
    "layers_needed",
    "likely_wrong_labels",
    "maximise",
    "named_kernel",
    "probe_layers",
    "reasons",
    "shift_effects",
    "slide_kernel",
    "slide_pooling",
    "tempered",
    "trunk_engine",
    "wilson",
]
