"""The window: images and kernels to slide over each other."""

from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = ()
