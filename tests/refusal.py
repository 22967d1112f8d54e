"""The one way tests expect an error: its class, its code and its words."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mirada.errors import MiradaError
from mirada.language import use_language


@contextmanager
def refuses(kind: type[MiradaError], code: str, *words: str) -> Iterator[None]:
    """Passes when the block raises `kind` with `code` and each of `words`."""
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code
    use_language("en")
    for word in words:
        assert word in str(caught.value), str(caught.value)
