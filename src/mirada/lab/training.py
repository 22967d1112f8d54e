"""Training: a run in a process of its own, followed and steered."""

from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = ()
