"""Philox-4x32-10 in tensors: the words of `mirada.randomness` on any device."""

from collections.abc import Iterator

import torch

__all__ = ["philox"]

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = 0xFFFFFFFF

Words = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def philox(counter: Words, key: tuple[int, int]) -> Words:
    """Four random words for every counter, each below 2**32, in int64.

    The parts of a counter are int64 tensors that broadcast against each other; so do
    the words, until they are used together.

    >>> zero = torch.zeros((), dtype=torch.int64)
    >>> [hex(int(word)) for word in philox((zero,) * 4, (0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    for k0, k1 in _keys(*key):
        # int64 wraps around, which leaves the 64 bits of the product as they are.
        first, second = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (second >> 32 & _LOW) ^ (c1 ^ k0),
            second & _LOW,
            (first >> 32 & _LOW) ^ (c3 ^ k1),
            first & _LOW,
        )
    return c0, c1, c2, c3


def _keys(k0: int, k1: int) -> Iterator[tuple[int, int]]:
    for _ in range(10):
        yield k0, k1
        k0, k1 = (k0 + _WEYL[0]) & _LOW, (k1 + _WEYL[1]) & _LOW
