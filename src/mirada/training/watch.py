"""Who looks on while a network is trained."""

from mirada.errors import Phrase
from mirada.training.configuration import Configuration
from mirada.training.history import EpochRow
from mirada.training.place import Place

__all__ = ["Watch"]


class Watch:
    """Is told what happens; does nothing with it. A progress bar inherits from it."""

    def note(self, text: Phrase) -> None:
        """Something a person should know."""

    def began(self, configuration: Configuration, place: Place) -> None:
        """Training goes on from this place; from step 0 when it is new."""

    def step(self, place: Place, loss: float) -> None:
        """A step was taken; the loss is that of its batch."""

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        """An epoch was trained on so many images and validated, in so many seconds.

        After going on in the middle of one it is what was left of it.
        """
