"""Every request that the lab answers, room by room."""

from mirada.lab import (
    architect,
    data,
    exercises,
    exporting,
    look,
    place,
    training,
    window,
)
from mirada.lab.asked import Work

__all__ = ["WORK"]

WORK: tuple[Work, ...] = (
    *place.WORK,
    *window.WORK,
    *architect.WORK,
    *data.WORK,
    *training.WORK,
    *look.WORK,
    *exercises.WORK,
    *exporting.WORK,
)
