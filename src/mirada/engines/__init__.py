"""Engines: the same network computed in different ways, behind one contract."""

from mirada.engines.engine import Arrays, Engine, StepResult

__all__ = ["Arrays", "Engine", "StepResult"]
