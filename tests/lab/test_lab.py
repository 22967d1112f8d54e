"""What rooms keep while the lab is open, and how that ends."""

import threading
import time
from pathlib import Path

from mirada.errors import ConfigurationError
from mirada.lab.lab import Lab
from tests.refusal import refuses


class Kept:
    """A part that tells when it was closed."""

    made = 0

    def __init__(self, lab: Lab) -> None:
        Kept.made += 1
        time.sleep(0.01)
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Stubborn:
    """A part that does not end."""

    def __init__(self, lab: Lab) -> None:
        self.other = lab.part(Kept)

    def close(self) -> None:
        time.sleep(30)


def test_a_part_is_made_once(tmp_path: Path) -> None:
    lab, before = Lab(tmp_path), Kept.made
    found: list[Kept] = []
    threads = [
        threading.Thread(target=lambda: found.append(lab.part(Kept))) for _ in range(9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Kept.made == before + 1 and len(set(map(id, found))) == 1


def test_closing_closes_every_part_and_lets_none_be_made(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    kept = lab.part(Kept)
    lab.close()
    assert kept.is_closed
    with refuses(ConfigurationError, "lab-closing"):
        lab.part(Kept)
    lab.close()


def test_a_part_that_does_not_end_holds_up_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    stubborn, begun = lab.part(Stubborn), time.monotonic()
    lab.close(within_s=0.1)
    assert stubborn.other.is_closed and time.monotonic() - begun < 10
