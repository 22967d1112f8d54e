"""The process of one family of peers: `python -m benchmarks.peers.serve NAME THREADS`.

It reads one request a line as JSON and answers each with one line: "prepare" a peer for
a bout, time a "turn" of it, or "drop" everything prepared.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.peers import members
from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.works import Bout, network, recipe
from mirada.errors import MiradaError

__all__ = ["Server", "main"]

_PARENT_DEATH_SIGNAL = 1
_WARM = 3
_LEAST_CALLS = 3
_LONG = 0.5


class Server:
    """Peers by name, and what each was prepared for.

    >>> Server([]).answer({"do": "drop"})
    {}
    """

    def __init__(self, peers: list[Peer]) -> None:
        self.peers = {peer.name: peer for peer in peers}
        self.works: dict[str, Work] = {}

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What a request is answered with; a failure of a peer is an answer too."""
        match request["do"]:
            case "list":
                return {"peers": {n: p.precision for n, p in self.peers.items()}}
            case "drop":
                self.works.clear()
                gc.collect()
                return {}
        try:
            return self._do(request)
        except NotOfferedError as error:
            return {"absent": str(error)}
        except MiradaError as error:
            return {"refused": str(error)}
        # Whatever another's code raises is that peer's result, not the end of the race.
        except Exception as error:
            lines = str(error).strip().splitlines() or [""]
            return {"refused": f"{type(error).__name__}: {lines[0][:300]}"}

    def _do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["peer"]
        if request["do"] == "prepare":
            work = _work(self.peers[name], Bout(**request["bout"]))
            warm(work)
            self.works[name] = work
            return {}
        if name not in self.works:
            return {"refused": "its process ended with another's work, and began anew"}
        return {"seconds": turn(self.works[name], request["seconds"])}


def _work(peer: Peer, bout: Bout) -> Work:
    made = network(bout.work)
    if bout.mode == "train":
        return peer.train(made, recipe(bout.batch), bout.batch)
    doing = peer.predict if bout.mode == "predict" else peer.backward
    return doing(made, bout.batch)


def warm(work: Work) -> None:
    """First calls, which compile and reserve memory; fewer of those that are long."""
    begun = time.perf_counter()
    for place in range(_WARM):
        if place >= 2 and time.perf_counter() - begun > _LONG:
            return
        work()


def turn(work: Work, seconds: float) -> list[float]:
    """The seconds each call took, of as many as fill the time given.

    The first call finds the caches full of the one before and is not counted, unless
    it is so long that they do not matter.
    """
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    if first > _LONG:
        return [first, *_calls(work, 0.0, 1)]
    if first < seconds / 10:
        _calls(work, seconds / 10, 1)
    return _calls(work, seconds, _LEAST_CALLS)


def _calls(work: Work, seconds: float, least: int) -> list[float]:
    taken: list[float] = []
    begun = time.perf_counter()
    while len(taken) < least or time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def keep_to(threads: int) -> None:
    """Leaves this process so many cores: no library's threads get more."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[:threads])


def end_with_parent() -> None:
    """Asks Linux to end this process with its parent, even while it stands still."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """Answers requests until there are no more."""
    family, threads = sys.argv[1], int(sys.argv[2])
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    end_with_parent()
    keep_to(threads)
    server = Server(members(family, threads))
    for line in sys.stdin:
        answers.write(json.dumps(server.answer(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
