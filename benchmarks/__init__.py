"""Measurements; run one as `python benchmarks/<name>.py`."""
