"""Tests of mirada.importing."""
