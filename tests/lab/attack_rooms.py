"""Requests with the token and with values that no page would send, drawn.

Each begins as one that a room's page makes; then fields of it become something else.
What comes back must be an answer that JSON can hold, or a refusal.
"""

import copy
import io
import json
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from mirada.errors import ConfigurationError, MiradaError
from mirada.lab.asked import Asked, Content, Events, Work
from mirada.lab.lab import Lab
from mirada.lab.rooms import WORK
from mirada.lab.trainer import Trainer
from tests.training.tally import Tally

__all__ = ["PAGE", "WORK", "Quiet", "drawn_requests", "spoiled_runs"]

MOST_S, MOST_BYTES = 1.0, 256 << 20
_ALOUD = (
    "/api/training/follow",
    "/api/training/plan",
)
_PEAK, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Quiet(Trainer):
    """A trainer that begins no process."""

    def _begun(self, order: Mapping[str, Any]) -> Any:
        json.dumps(order)
        raise ConfigurationError("lab-closing", "The lab is being closed.")


def _png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((9, 9, 3), 99, np.uint8)).save(stream, "png")
    return stream.getvalue()


_NET = 'name = "n"\ninput = "1x8x8"\nlayers = ["conv 2 3x3", "relu", "linear 3"]\n'
_RUN = {"run": "example"}
_OPTIONS = {
    **{"epochs": 1, "batch_size": 8, "learning_rate": 0.1, "optimizer": "sgd"},
    **{"schedule": "constant", "augment": "mirror", "seed": 1, "seconds": 1.0},
    **{"patience": 1, "threads": 1, "ema": 0.9, "gradient_clip": 1.0},
}
_BEGUN = {"weights": "example", "freeze": True}
_SET = {"level": 1, "count": 3, "topics": "", "seed": 5}
_OWN = {"set": "own", "class": "cat"}

PAGE: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "PUT /api/state": ({"revision": 0, "network": _NET, "data": "", "run": ""},),
    "POST /api/window/kernel": (
        {"name": "gabor", "side": 5, "sigma": 1.5, "angle": 5, "wavelength": 3},
    ),
    "POST /api/window/photo": ({"name": "a.png", "content": _png()},),
    "POST /api/architect/describe": ({"text": _NET, "chosen": 1},),
    "POST /api/architect/edit": tuple(
        {"text": _NET, "chosen": 0, "edit": edit}
        for edit in (
            {"do": "input", "value": "3x8x8"},
            {"do": "insert", "at": 1, "layer": "batchnorm"},
            {"do": "move", "at": 0, "to": 1},
            {"do": "set", "at": 0, "field": "kernel_size", "value": [3, 3]},
            {"do": "set", "at": 0, "field": "out_channels", "value": 7},
            {"do": "call", "at": 0, "name": "first"},
            {"do": "join", "at": 1, "inputs": ["conv1", "input"]},
            {"do": "replace", "at": 1, "layer": "sigmoid"},
            {"do": "toml"},
        )
    ),
    "POST /api/architect/model": (
        {"name": "lenet5", "input": "1x28x28", "classes": 9},
    ),
    "POST /api/architect/code": ({"text": _NET, "language": "torch"},),
    "GET /api/data/folders": ({"path": "fl"},),
    "POST /api/data/scan": ({"source": "flowers", "anew": False},),
    "POST /api/data/tiles": (
        {"source": "flowers", "names": ["daisy/000.png"], "side": 32},
    ),
    "POST /api/data/split": (
        {"source": "flowers", "validation": 0.1, "test": 0.2, "seed": 0, "by": "none"},
    ),
    "POST /api/data/preview": (
        {
            **{"source": "flowers", "augment": "mirror", "size": 16, "seed": 0},
            **{"validation": 0.1, "test": 0.2, "by": ""},
        },
    ),
    "GET /api/data/own": (_OWN,),
    "POST /api/data/own": ({"name": "more"}, {"set": "own", "name": "dog"}),
    "POST /api/data/own/rename": ({**_OWN, "to": "cats"},),
    "POST /api/data/own/remove": ({**_OWN, "image": "000.png"}, _OWN),
    "POST /api/data/own/undo": ({"undo": 1},),
    "PUT /api/data/own/image": ({**_OWN, "name": "a.png", "content": _png()},),
    "POST /api/data/own/tiles": ({**_OWN, "names": ["000.png"], "side": 32},),
    "POST /api/training/start": (
        {"network": _NET, "data": "flowers", "options": _OPTIONS},
    ),
    "POST /api/training/plan": (
        {"network": _NET, "data": "flowers", "options": _OPTIONS, "measure": False},
        {"data": "digits", **_BEGUN, "measure": False},
    ),
    "POST /api/training/rate": ({"times": 0.5}, {"value": 0.1}),
    "POST /api/training/watch": ({"images": [1, 2]},),
    "POST /api/training/runs/{run}/resume": ({"times": 0.5},),
    "POST /api/look/network": (_RUN,),
    "POST /api/look/sent": ({**_RUN, "name": "a.png", "content": _png()},),
    "POST /api/look/sample": ({**_RUN, "sample": 3},),
    "POST /api/look/image": ({**_RUN, "image": "KEY"},),
    "POST /api/look/maps": ({**_RUN, "image": "KEY", "layers": [["conv1", 2]]},),
    "POST /api/look/element": (
        {**_RUN, "image": "KEY", "layer": "conv1", "place": [0, 1, 1]},
    ),
    "POST /api/look/samples": (_RUN,),
    "POST /api/look/why": (
        {**_RUN, "image": "KEY", "class": 1, "layer": "", "methods": ["saliency"]},
    ),
    "POST /api/look/learned": ({**_RUN, "layer": "conv1"},),
    "POST /api/look/judged": (_RUN,),
    "POST /api/look/compared": ({**_RUN, "other": "example"},),
    "POST /api/exercises/set": (_SET,),
    "POST /api/exercises/judge": ({**_SET, "place": 1, "given": "3"},),
    "POST /api/exercises/sheet": ({**_SET, "versions": 2, "solved": True},),
    "POST /api/tables/blank": ({"network": "lenet5"},),
    "POST /api/tables/judge": (
        {"network": "lenet5", "rows": [["conv1", "28x28x6", "156"]]},
    ),
    "PUT /api/tables/read": (
        {"network": "lenet5", "name": "t.csv", "content": b"layer,size\nconv1,3"},
    ),
    "POST /api/tables/template": ({"network": "lenet5"},),
    "POST /api/export/about": ({**_RUN, "to": "torch"},),
    "POST /api/export/make": ({**_RUN, "to": "json"},),
    "POST /api/export/file": (
        {**_RUN, "to": "", "name": "report.html"},
        {**_RUN, "to": "", "name": "model-card.md", "card": "torch"},
    ),
    "POST /api/export/zip": ({**_RUN, "to": "torch"},),
}
"""What pages ask, by work; what is not here is asked without anything."""

_LONG = "a" * 4000
_TEXTS = (
    *("", " ", "\0", "../..", "../../../../etc/passwd", "/etc/passwd", "/dev/zero"),
    *("~", "~nobody-at-all/x", "~root", _LONG, "a/" * 1500, "\ud800", "\u202e", "ñ"),
    *("<script>alert(1)</script>", "a\r\nX: y", "{}", "{0.__class__}", "%s%n", "'"),
    *("nan", "inf", "-1", "1e999", "9" * 400, "९", "²", "input", "none", "parent"),
    *("conv " + "9" * 30 + " 3x3", "conv 2 3x3 pad -1", "linear 1e9", "name"),
    *("runs/example", "example/", "./example", "example/best.mirada", ".", "..", "//"),
    *("digits", "image.png", "flowers", "runs", "secret", "CON", "a" * 255, "x" * 256),
    *("\n".join(["conv 2 3x3"] * 90), "layers = [" * 300, '{"a":' * 3000, "[" * 20000),
    *('input = "1x8x8"\nlayers = ["dropout nan"]', "schema = 9", "a = 1e999"),
    *(
        'input = [1,8,8]\nlayers = [{kind="conv", out_channels=inf}]',
        "x = 0x" + "f" * 99,
    ),
)
_LARGE = ("..", "../..", ".", "//", "~", "~root")
"""Folders that may be looked at, and hold what nobody knows."""
_NUMBERS = (
    *(0, -1, 1, 2, 255, 256, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**400, True),
    *(0.5, -0.0, 1e-320, 1e308, float("inf"), float("-inf"), 0.1 + 0.2, False),
)
_OTHERS: tuple[Any, ...] = (
    None,
    [],
    {},
    [[]],
    [None],
    {"": None},
    [1, 2, 3],
    [1.5],
    ["a", 1],
    [[1]],
)


def _deep(drawn: random.Random) -> Any:
    found: Any = 1
    for _ in range(drawn.choice((5, 100, 400))):
        found = [found] if drawn.random() < 0.5 else {"a": found}
    return found


class Drawn(NamedTuple):
    """A request that was drawn."""

    work: Work
    asked: Asked


def drawn_requests(folder: Path, cases: int, seed: int = 0) -> Tally:
    """So many requests to a lab in a copy of the stage, one after the other."""
    tally, lab, drawn = Tally(), Lab(folder), random.Random(seed)
    lab.part(Quiet)
    lab._parts[Trainer] = lab.part(Quiet)
    for name in ("own", "spare"):
        path = folder / "images" / name / "cat" / "000.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_png())
    try:
        key = _warm(lab)
        for _ in range(cases):
            one = _drawn(drawn, key)
            kind, fault = _tried(lab, one)
            tally.add(kind, fault and f"{one.work.method} {one.work.path} {fault}")
    finally:
        lab.close(5)
    return tally


def _warm(lab: Lab) -> str:
    """Everything once as pages ask it: what is slow the first time is done then."""
    key = ""
    for work in WORK:
        for given in PAGE.get(f"{work.method} {work.path}", ({},)):
            asked = _asked(
                work, {k: key if v == "KEY" else v for k, v in given.items()}
            )
            with suppress(MiradaError):
                found = _whole(work, lab, asked)
                if work.path == "/api/look/sent":
                    key = found["image"]
    return key


def spoiled_runs(folder: Path, cases: int, seed: int = 0) -> Tally:
    """A run somebody else made, with one thing in its files changed at a time.

    Whatever asks for it is answered, and so is who asks for the others.
    """
    tally, drawn = Tally(), random.Random(seed)
    run = folder / "runs" / "example"
    files = sorted(p for p in run.iterdir() if p.suffix in (".json", ".jsonl"))
    for _ in range(cases):
        path = drawn.choice(files)
        before = path.read_text("utf-8")
        path.write_text(_other(before, path.suffix, drawn), "utf-8", "replace")
        lab = Lab(folder)
        for work in (w for w in WORK if w.path in _OF_RUNS):
            value = {} if work.method == "GET" else {"run": "example", "to": "weights"}
            kind, fault = _tried(lab, Drawn(work, Asked({"run": "example"}, {}, value)))
            tally.add(kind, fault and f"{path.name}, {work.path}: {fault}")
        lab.close(1)
        path.write_text(before, "utf-8")
    return tally


_OF_RUNS = (
    *("/api/training/runs", "/api/training/runs/{run}", "/api/look/runs"),
    "/api/training/choices",
    *("/api/training/runs/{run}/report", "/api/look/network", "/api/export/about"),
)


def _other(text: str, suffix: str, drawn: random.Random) -> str:
    lines = text.splitlines() if suffix == ".jsonl" else [text]
    place = drawn.randrange(len(lines))
    value = json.loads(lines[place])
    _spoil(value, drawn)
    lines[place] = json.dumps(value)
    return "\n".join(lines)


def _drawn(drawn: random.Random, key: str) -> Drawn:
    work = drawn.choice(
        [w for w in WORK if w.path not in _ALOUD or drawn.random() < 0.2]
    )
    given = copy.deepcopy(
        dict(drawn.choice(PAGE.get(f"{work.method} {work.path}", ({},))))
    )
    given = {k: key if v == "KEY" else v for k, v in given.items()}
    for _ in range(drawn.choice((1, 1, 1, 2, 3))):
        _spoil(given, drawn)
    if str(given.get("source")).strip() in _LARGE:
        given["source"] = "none"
    return Drawn(work, _asked(work, given, drawn))


def _spoil(given: dict[str, Any], drawn: random.Random) -> None:
    """Changes one thing somewhere in it."""
    place: Any = given
    while True:
        names = list(place) if isinstance(place, dict) else [*range(len(place))]
        if not names:
            return
        name = drawn.choice(names)
        if (
            isinstance(place[name], dict | list)
            and place[name]
            and drawn.random() < 0.7
        ):
            place = place[name]
            continue
        if isinstance(place[name], bytes):
            place[name] = _spoiled(place[name], drawn)
        elif drawn.random() < 0.1:
            del place[name]
        else:
            place[name] = _odd(drawn)
        return


def _odd(drawn: random.Random) -> Any:
    kind = drawn.random()
    if kind < 0.45:
        return drawn.choice(_TEXTS)
    if kind < 0.8:
        return drawn.choice(_NUMBERS)
    return _deep(drawn) if kind > 0.95 else copy.deepcopy(drawn.choice(_OTHERS))


def _spoiled(content: bytes, drawn: random.Random) -> bytes:
    if not content or drawn.random() < 0.3:
        return drawn.choice((b"", b"\0" * 9999, b"<svg/>", b"\xff\xfe", b"GIF89a"))
    found = bytearray(content)
    for _ in range(drawn.randrange(1, 9)):
        found[drawn.randrange(len(found))] = drawn.randrange(256)
    return bytes(found[: drawn.randrange(1, len(found) + 1)])


def _asked(work: Work, given: Mapping[str, Any], drawn: Any = None) -> Asked:
    path = {"run": "example"} if "{run}" in work.path else {}
    if path and drawn is not None and drawn.random() < 0.7:
        path["run"] = drawn.choice(_TEXTS)
    content = given.get("content", b"")
    rest = {name: value for name, value in given.items() if name != "content"}
    if isinstance(content, bytes) and (content or work.method in ("GET", "DELETE")):
        query = {n: v if isinstance(v, str) else repr(v) for n, v in rest.items()}
        return Asked(path, query, {}, content)
    return Asked(path, {}, _written(rest))


def _written(value: dict[str, Any]) -> dict[str, Any]:
    """The values as they come out of JSON; the server lets no half letter in."""
    try:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        found: dict[str, Any] = json.loads(text)
    except (RecursionError, ValueError):
        return {}
    return found


def _tried(lab: Lab, one: Drawn) -> tuple[str, str]:
    """What came of it, and what was wrong with that."""
    before, began = _peak(), time.thread_time()
    try:
        _whole(one.work, lab, one.asked)
        kind, fault = "answer", ""
    except MiradaError as error:
        str(error)
        kind, fault = "refusal", ""
    except Exception as error:
        kind, fault = "bug", repr(error)[:300]
    seconds, grown = time.thread_time() - began, _peak() - before
    if seconds > MOST_S:
        fault = fault or f"took {seconds:.1f} s"
    if grown > MOST_BYTES:
        fault = fault or f"took {grown >> 20} MiB"
    return kind, fault and f"{fault}: {str(one.asked)[:600]}"


def _whole(work: Work, lab: Lab, asked: Asked) -> Any:
    found = work.does(lab, asked)
    if isinstance(found, Content):
        return found
    if not isinstance(found, Events):
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
        return found
    if isinstance(found.source, Iterator):
        for _, values in found.source:
            json.dumps(values, allow_nan=False)
    return None


def _peak() -> int:
    """The most memory of this process since the last time it was asked, if known."""
    try:
        lines = _PEAK.read_text().splitlines()
        _RESET.write_text("5")
    except OSError:
        return 0
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) << 10
