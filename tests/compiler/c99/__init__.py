"""Tests of the printer of C."""
