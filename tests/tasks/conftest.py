"""What every test of these rooms starts from."""

from tests.cli.conftest import aloud, call, here, in_english, stage

__all__ = ["aloud", "call", "here", "in_english", "stage"]
