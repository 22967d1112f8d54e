"""Data: folders and collections of images."""

from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = ()
