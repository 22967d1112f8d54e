"""Tests of the pictures and pages that show results."""
