"""Measurements; run one as `python benchmarks/<name>.py`, all by `benchmarks.results`.

`works` says what is raced, `peers/` by whom, `tournament` in which order; `race` turns
what the clocks said into rows. Every peer lives in a process of its own (`child`).
"""
