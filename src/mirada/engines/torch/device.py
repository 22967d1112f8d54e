"""The device that a network is computed on."""

import torch

from mirada.errors import UsageError

__all__ = ["available", "chosen", "free_bytes"]

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


def chosen(name: str | None = None) -> torch.device:
    """The device of a name; without one a CUDA device where there is one, else the CPU.

    Raises UsageError (`device-unknown`, `device-missing`).

    >>> chosen("cpu")
    device(type='cpu')
    """
    here = available()
    if not name:
        return torch.device("cuda" if here[0].startswith("cuda") else "cpu")
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


def free_bytes(device: torch.device) -> int | None:
    """The free memory of a device that has its own; None where it is the computer's."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
