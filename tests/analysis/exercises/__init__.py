"""Tests of mirada.analysis.exercises."""
