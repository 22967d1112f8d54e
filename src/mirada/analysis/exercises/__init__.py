"""Exercises with their answers: drawn from a seed, explained step by step."""

from mirada.analysis.exercises.answer import Answer, Grid, Number, Rounded, Size
from mirada.analysis.exercises.exercise import Exercise, Judgement, Matrix, Slip
from mirada.analysis.exercises.generate import (
    LEVELS,
    TOPICS,
    generate_exercises,
    generate_versions,
)
from mirada.analysis.mistakes import MISTAKES

__all__ = [
    "LEVELS",
    "MISTAKES",
    "TOPICS",
    "Answer",
    "Exercise",
    "Grid",
    "Judgement",
    "Matrix",
    "Number",
    "Rounded",
    "Size",
    "Slip",
    "generate_exercises",
    "generate_versions",
]
