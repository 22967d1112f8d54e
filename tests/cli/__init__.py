"""Tests of mirada.cli."""
