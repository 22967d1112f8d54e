"""What a run or a network can be taken away as."""

from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = ()
