"""What every test starts from: English messages and a quiet environment."""

from collections.abc import Iterator

import pytest

from mirada.language import use_language


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are English unless a test asks for another language."""
    use_language("en")
    yield
    use_language("en")
