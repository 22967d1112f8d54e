"""Tests of mirada.analysis."""
