"""The architect: a description read, computed and explained."""

from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = ()
