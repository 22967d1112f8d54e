"""The device that a network is computed on."""

import os

import torch

from mirada.engines.group import ALONE, Group
from mirada.errors import UsageError

__all__ = ["available", "chosen"]

_KINDS = ("cpu", "cuda", "mps")


def available() -> tuple[str, ...]:
    """The names of the devices that PyTorch sees here, the best one first.

    >>> available()[-1]
    'cpu'
    """
    found = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return *found, "cpu"


def chosen(name: str | None = None, group: Group = ALONE) -> torch.device:
    """The device of a name; without one a CUDA device where there is one, else the CPU.

    Of a group of processes each on a computer has a CUDA device of its own.

    Raises UsageError (`device-unknown`, `device-missing`, `ranks-without-device`).

    >>> chosen("cpu")
    device(type='cpu')
    """
    here = available()
    if not name:
        name = "cuda" if here[0].startswith("cuda") else "cpu"
    if name == "cuda" and group.size > 1:
        name = _own(here)
    kind, _, number = name.partition(":")
    if kind not in _KINDS or (number and not number.isdecimal()) or name[-1:] == ":":
        raise UsageError(
            "device-unknown",
            "There is no device {name!r}; a device is cpu, cuda, cuda:1 (the second "
            "one) or mps. Here PyTorch sees: {here}.",
            name=name,
            here=", ".join(here),
        )
    if f"{kind}:{number or 0}" not in here and name not in here:
        raise UsageError(
            "device-missing",
            "PyTorch sees no device {name!r} here; it sees {here}. Use --device cpu, "
            "or install a PyTorch that is made for this device.",
            name=name,
            here=", ".join(here),
        )
    return torch.device(name)


def _own(here: tuple[str, ...]) -> str:
    """The CUDA device of this process among those that were started here with it."""
    own = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    if own not in here:
        raise UsageError(
            "ranks-without-device",
            "Each process needs a GPU of its own, but this one's, {own}, is not here; "
            "PyTorch sees {here}. Start as many processes as there are GPUs, or add "
            "--device cpu.",
            own=own,
            here=", ".join(here),
        )
    return own
