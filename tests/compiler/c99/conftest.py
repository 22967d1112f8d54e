"""What the tests of this room start from."""

from tests.compiled import object_cache

__all__ = ["object_cache"]
