"""How much memory this process holds, and held at most, as the system counts it."""

import sys
from pathlib import Path

__all__ = ["held_bytes", "most_bytes"]

_STATUS = Path("/proc/self/status")


def held_bytes() -> int:
    """The bytes in memory now; where the system does not say, the most so far."""
    return _status("VmRSS") or most_bytes()


def most_bytes() -> int:
    """The most bytes that were in memory since the process began; 0 if unknown."""
    return _status("VmHWM") or _usage()


def _status(name: str) -> int:
    """A line of Linux's own account, in bytes; 0 where there is none."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return 0
    found = (line.split() for line in lines if line.startswith(name + ":"))
    return next((int(words[1]) * 1024 for words in found), 0)


def _usage() -> int:
    try:
        import resource  # Windows has none
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
