"""The torch engine beside PyTorch written by hand, plain and laid out, and beside ours.

    python -m benchmarks.engines [--device cpu|cuda] [--threads N] [--works NAMES]

Training steps of the same network on the same batch, turn by turn in one process;
medians of a step and ratios, as Markdown. On a GPU steps go on while the next is sent,
for everybody: a turn is a few of them, and the last one's loss is read.

- hand: a plain module, channels last, PyTorch's fused SGD;
- eager: the same as it comes: channels first, its usual SGD;
- engine: `engines.create("torch", ...)`, on a GPU compiled and recorded;
- native: `engines.create("native", ...)`, on a CPU.

Goals: on a CPU hand / engine at least 0.95; on a GPU eager / engine at least 1.5 with
ResNet-18 and 5 with LeNet-5.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from benchmarks.peers.torch_network import module
from benchmarks.race import SCHEMA, Runner, Times, machine, race
from benchmarks.works import network, recipe, sample
from mirada import engines
from mirada.engines import Engine
from mirada.network import SGD, Network

__all__ = ["BATCHES", "main", "markdown", "ratios", "row", "runners"]

BATCHES: Mapping[str, int] = {"lenet5": 64, "cifar": 64, "resnet18_cifar": 32}
"""The networks, and how many images a step has; see `works.network`."""

_BASE = "engine"
Step = Callable[[], Callable[[], float]]
"""Begins a training step, and gives how its loss is read."""


def by_hand(made: Network, batch: int, device: str, *, last: bool) -> Step:
    """A training step as people write it; with `last`, channels last and fused."""
    images, labels = sample(made, batch)
    form = torch.channels_last if last else torch.contiguous_format
    net = module(made, training=True).to(device, memory_format=form)
    rule, loss = recipe(batch).optimizer, nn.CrossEntropyLoss()
    assert isinstance(rule, SGD)
    descent = torch.optim.SGD(
        net.parameters(), rule.learning_rate, rule.momentum, fused=last
    )

    def step() -> Callable[[], float]:
        given = torch.from_numpy(images).to(device)
        given = given.contiguous(memory_format=form)
        answers = torch.from_numpy(labels).to(device)
        descent.zero_grad(set_to_none=True)
        value = loss(net(given), answers)
        value.backward()
        descent.step()
        return lambda: float(value.detach())

    return step


def of_engine(made: Network, batch: int, engine: Engine) -> Step:
    """A training step of one of our engines."""
    images, labels = sample(made, batch)
    rate = engine.recipe.optimizer.learning_rate

    def step() -> Callable[[], float]:
        told = engine.train_step(images, labels, step=0, learning_rate=rate)
        return lambda: told.loss

    return step


def runners(
    made: Network, batch: int, device: str, threads: int, steps: int
) -> dict[str, Runner]:
    """Everybody who takes part on a device; each turn is some steps."""
    torch.set_num_threads(threads)
    given = made, recipe(batch), threads
    on_gpu = device.startswith("cuda")
    ours = engines.create("torch", *given, device=device, compiled=on_gpu)
    taking: dict[str, Step] = {
        _BASE: of_engine(made, batch, ours),
        "hand": by_hand(made, batch, device, last=True),
        "eager": by_hand(made, batch, device, last=False),
    }
    if device == "cpu":
        taking["native"] = of_engine(made, batch, engines.create("native", *given))
    return {name: _runner(step, steps) for name, step in taking.items()}


def _runner(step: Step, steps: int) -> Runner:
    for _ in range(3):
        step()()

    def turn() -> Sequence[float]:
        began = time.perf_counter()
        for _ in range(steps):
            read = step()
        read()
        return [(time.perf_counter() - began) / steps]

    return turn


def ratios(times: Mapping[str, Times]) -> dict[str, float]:
    """How many times the engine's time everybody else takes, by medians.

    >>> ratios({"engine": Times(2.0, 1.0), "hand": Times(3.0, 1.0)})
    {'hand': 1.5}
    """
    ours = times[_BASE].median_ms
    others = {name: one for name, one in times.items() if name != _BASE}
    return {n: round(one.median_ms / ours, 3) for n, one in others.items()}


def row(
    work: str, device: str, threads: int, rounds: int, steps: int
) -> dict[str, Any]:
    """The race of one network."""
    made, batch = network(work), BATCHES[work]
    times = race(runners(made, batch, device, threads, steps), rounds)
    return {
        "work": work,
        "batch": batch,
        "ms": {name: round(one.median_ms, 4) for name, one in times.items()},
        "ratios": ratios(times),
    }


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as one table: milliseconds a step, and the ratio to the engine's."""
    names = list(rows[0]["ms"])
    lines = [
        f"| network | batch | {' | '.join(names)} |",
        f"| --- | ---: |{' ---: |' * len(names)}",
    ]
    for one in rows:
        cells = [
            f"{one['ms'][name]:.3f} ms"
            + (f" ({one['ratios'][name]:.2f}x)" if name in one["ratios"] else "")
            for name in names
        ]
        lines.append(f"| {one['work']} | {one['batch']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> None:
    """Races, and prints what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--device", default="cpu")
    asked.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked.add_argument("--works", nargs="+", choices=[*BATCHES], default=[*BATCHES])
    asked.add_argument("--rounds", type=int, default=15)
    asked.add_argument("--steps", type=int, default=5)
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args(words)
    rows = []
    for work in told.works:
        print(f"{work} ...", file=sys.stderr)
        given = told.device, told.threads, told.rounds, told.steps
        rows.append(row(work, *given))
    about = {**machine(), "device": _device(told.device), "threads": told.threads}
    if told.json:
        print(json.dumps({"schema": SCHEMA, "machine": about, "rows": rows}))
        return
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print()
    print(markdown(rows))


def _device(name: str) -> str:
    on_gpu = name.startswith("cuda")
    return torch.cuda.get_device_name(name) if on_gpu else name


if __name__ == "__main__":
    main()
