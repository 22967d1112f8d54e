"""Peak memory of training ResNet-18 (32x32) at batch 32: `python benchmarks/memory.py`.

Each in a process of its own: the most it holds during three steps, less what it held
when its packages were imported. Ours twice: compiling, and with the code in the cache.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import environment, last_line
from benchmarks.peers import FAMILIES, OURS, members
from benchmarks.race import machine
from benchmarks.works import network, recipe

__all__ = ["WORK", "held_mib", "most_mib"]

WORK, BATCH, STEPS = "resnet18_cifar", 32, 3
_RUNS = (
    ("mirada, compiling", OURS, "mirada"),
    ("mirada", OURS, "mirada"),
    ("pytorch-eager", "pytorch", "pytorch-eager-fused"),
    ("pytorch-eager-channels-last", "pytorch", "pytorch-eager-channels-last-fused"),
)


def held_mib() -> float:
    """Memory this process holds now, in MiB (Linux)."""
    return _status("VmRSS")


def most_mib() -> float:
    """The most memory this process held since `forget`, in MiB (Linux)."""
    return _status("VmHWM")


def forget() -> None:
    """Lets the most that was held begin anew with what is held now."""
    Path("/proc/self/clear_refs").write_text("5")


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise SystemExit("Memory is measured by /proc/self/status, which Linux has.")


def once(family: str, name: str, work: str, batch: int, threads: int) -> float:
    """The MiB that training takes beyond imports, in this process."""
    peer = next(peer for peer in members(family, threads) if peer.name == name)
    if family == OURS:
        # The engine and LLVM are loaded when they are first wanted.
        import mirada.engines.native  # noqa: F401
    forget()
    before = held_mib()
    step = peer.train(network(work), recipe(batch), batch)
    for _ in range(STEPS):
        step()
    return most_mib() - before


def measure(work: str, batch: int, threads: int) -> Iterator[tuple[str, float | str]]:
    """The MiB of each run, or why there is no number."""
    with TemporaryDirectory() as folder:
        for label, family, name in _RUNS:
            lacking = FAMILIES[family].missing
            if lacking:
                yield label, f"not installed: {', '.join(lacking)}"
                continue
            options = ["--once", family, name, "--work", work, "--batch", str(batch)]
            yield label, _child(folder, threads, [*options, "--threads", str(threads)])


def _child(cache: str, threads: int, options: list[str]) -> float | str:
    settings = {**environment(threads), "MIRADA_CACHE": cache}
    command = [sys.executable, __file__, *options]
    ran = subprocess.run(command, env=settings, capture_output=True, text=True)
    if ran.returncode:
        return f"refused: {last_line(ran.stderr)}"
    return round(float(ran.stdout), 1)


def main() -> None:
    """Prints each run's MiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", default=WORK)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    about = given.work, given.batch, given.threads
    if given.once:
        family, name = given.once
        print(once(family, name, *about))
        return
    found = dict(measure(*about))
    if given.json:
        plain: dict[str, Any] = {"schema": 1, "machine": machine(), "mib": found}
        print(json.dumps({**plain, "work": given.work, "batch": given.batch}))
        return
    for name, value in found.items():
        print(f"{name:30} {value if isinstance(value, str) else f'{value:.1f} MiB'}")


if __name__ == "__main__":
    main()
