"""What every test and every doctest starts from, and how drawn tests are drawn."""

import os
from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Compiled code and decoded images are kept here, not in the user's cache."""
    before, folder = os.environ.get("MIRADA_CACHE"), tmp_path_factory.mktemp("cache")
    os.environ["MIRADA_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["MIRADA_CACHE"]
    else:
        os.environ["MIRADA_CACHE"] = before
