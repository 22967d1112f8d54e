"""What every test of the lab starts from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, chromium
from tests.cli.conftest import stage
from tests.cli.stage import copied
from tests.lab.open_lab import OpenLab, open_lab
from tests.lab.settled import COUNTED

__all__ = ["browser", "empty", "lab", "stage"]


@pytest.fixture(scope="module")
def lab(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    """A lab in a copy of the stage: data to train on, and a run in `runs/example`."""
    folder = copied(stage, tmp_path_factory.mktemp("lab"))
    with open_lab(folder) as found:
        yield found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    """A lab in an empty folder, for what needs no runs."""
    with open_lab(tmp_path_factory.mktemp("empty")) as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser")) as found:
        found.before_pages(COUNTED)
        yield found
