"""Engines: one contract, the same numbers."""
