"""Measurements; run one as `python benchmarks/<name>.py`, all as `benchmarks.results`."""
