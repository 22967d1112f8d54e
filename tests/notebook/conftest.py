"""What every test of the notebook starts from."""

from tests.cli.conftest import stage
from tests.lab.conftest import browser

__all__ = ["browser", "stage"]
