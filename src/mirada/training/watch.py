"""Who looks on while a network is trained."""

from typing import TYPE_CHECKING

from mirada.errors import Phrase
from mirada.training.configuration import Configuration
from mirada.training.history import EpochRow
from mirada.training.metrics import Evaluation
from mirada.training.place import Place

if TYPE_CHECKING:
    from mirada.training.plan import Outcome

__all__ = ["Watch", "Watches"]


class Watch:
    """Is told what happens; does nothing with it. A progress bar inherits from it."""

    def note(self, text: Phrase) -> None:
        """Something a person should know."""

    def began(self, configuration: Configuration, place: Place) -> None:
        """Training goes on from this place; from step 0 when it is new."""

    def step(self, place: Place, loss: float) -> None:
        """A step was taken; the loss is that of its batch."""

    def rate(self, place: Place) -> None:
        """The learning rate was changed, which is the last of `place.rate_changes`."""

    def paused(self, place: Place) -> None:
        """The run was asked to wait, has saved itself, and waits."""

    def resumed(self) -> None:
        """It waits no longer."""

    def validated(self, place: Place, found: Evaluation) -> None:
        """The validation images were answered after an epoch."""

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        """An epoch was trained on so many images and validated, in so many seconds.

        After going on in the middle of one it is what was left of it.
        """

    def ended(self, outcome: "Outcome") -> None:
        """The run is at its end, the held-out part answered."""


class Watches(Watch):
    """Tells several others everything, one after the other."""

    def __init__(self, *watches: Watch) -> None:
        self.watches = watches

    def note(self, text: Phrase) -> None:
        for watch in self.watches:
            watch.note(text)

    def began(self, configuration: Configuration, place: Place) -> None:
        for watch in self.watches:
            watch.began(configuration, place)

    def step(self, place: Place, loss: float) -> None:
        for watch in self.watches:
            watch.step(place, loss)

    def rate(self, place: Place) -> None:
        for watch in self.watches:
            watch.rate(place)

    def paused(self, place: Place) -> None:
        for watch in self.watches:
            watch.paused(place)

    def resumed(self) -> None:
        for watch in self.watches:
            watch.resumed()

    def validated(self, place: Place, found: Evaluation) -> None:
        for watch in self.watches:
            watch.validated(place, found)

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        for watch in self.watches:
            watch.epoch(row, seconds, images)

    def ended(self, outcome: "Outcome") -> None:
        for watch in self.watches:
            watch.ended(outcome)
