"""What every test and every doctest starts from, and how drawn tests are drawn."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from mirada.language import use_language

settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are English unless a test asks for another language."""
    use_language("en")
    yield
    use_language("en")
