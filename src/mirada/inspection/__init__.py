"""A look inside a trained network: every number of an answer, and what was learned.

Everything is asked of an engine (activations, gradients) or computed from plain arrays;
nothing here knows runs, files or machine code.
"""

from mirada.inspection.methods import METHODS

__all__ = ["METHODS"]
