"""What a network or a layer of another program may be called here."""

import re

__all__ = ["legal_name"]

_LONGEST = 72
"""Of the 80 letters that a name has; the rest is for a number."""


def legal_name(text: str) -> str:
    """A name in the letters that a description allows; its end, where it is long.

    It is empty where nothing is left.

    >>> legal_name("features.0.conv"), legal_name("/layer1/Conv"), legal_name("../<x>")
    ('features_0_conv', 'layer1_Conv', 'x')
    """
    words = re.findall(r"[A-Za-z0-9_-]+", text[-1000:])
    return "_".join(words)[-_LONGEST:].strip("_-")
