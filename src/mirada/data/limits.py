"""How much of a source is accepted, and how much memory there is."""

from dataclasses import dataclass
from pathlib import Path

from mirada.errors import MemoryLimitError

__all__ = ["Limits", "available_bytes", "require_memory"]

_UNKNOWN_MACHINE_BYTES = 4 * 2**30
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


@dataclass(frozen=True)
class Limits:
    """What one source may cost; each number can be set.

    `pixels` is the width times the height of one image, `file_bytes` the size of one
    image file, `files` the number of files in a folder, `dataset_bytes` the memory of
    all decoded images (None: half of what is free). Decoding one image may take
    `image_seconds`, and `image_bytes` of memory beyond what a decoder has at its start.
    `cache_bytes` is what decoded images may take on disk, of all sources together. An
    archive may unpack to `archive_bytes`, and to `archive_ratio` times its own size
    (32 MB more, so that small ones are no trouble).

    >>> Limits().pixels
    64000000
    """

    pixels: int = 64_000_000
    file_bytes: int = 256 * 2**20
    files: int = 2_000_000
    dataset_bytes: int | None = None
    image_seconds: float = 10.0
    image_bytes: int = 512 * 2**20
    cache_bytes: int = 16 * 2**30
    archive_bytes: int = 256 * 2**30
    archive_ratio: int = 100


def available_bytes() -> int:
    """The memory that can still be taken, in this container where there is one."""
    return min([_free_bytes(), *_container_bytes()])


def require_memory(
    needed: int, count: int, size: tuple[int, int], limits: Limits
) -> None:
    """Refuses a dataset whose decoded images do not fit, before any is decoded.

    Raises MemoryLimitError (`dataset-memory`).
    """
    allowed = limits.dataset_bytes
    if allowed is None:
        allowed = available_bytes() // 2
    if needed > allowed:
        raise MemoryLimitError(
            "dataset-memory",
            "{count} images of {height}x{width} need {needed} MB decoded, but only "
            "{allowed} MB may be used. Choose a smaller image size or use fewer "
            "images.",
            count=count,
            height=size[0],
            width=size[1],
            needed=-(-needed // 10**6),
            allowed=allowed // 10**6,
        )


def _free_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return _UNKNOWN_MACHINE_BYTES
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return _UNKNOWN_MACHINE_BYTES


def _container_bytes() -> list[int]:
    found = []
    for limit, used in _CGROUPS:
        try:
            free = int(Path(limit).read_text()) - int(Path(used).read_text())
        except (OSError, ValueError):  # no such group, or the word "max"
            continue
        found.append(max(0, free))
    return found
