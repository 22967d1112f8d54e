"""Tests of mirada.models."""
