"""Checkpoints and model files with bits turned and ends cut: noticed, every one."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from mirada.errors import MiradaError, Phrase
from mirada.training import RunFolder, Watch, load_model, train
from mirada.training.checkpoint import (
    checkpoint_paths,
    latest_checkpoint,
    read_checkpoint,
)
from mirada.training.tensors import TensorFile
from tests.training.example import COMPARED, files, made, plan_of
from tests.training.tally import Tally

__all__ = ["damaged_files"]

Damage = Callable[[bytearray, random.Random], None]

_GONE_ON_WITH = 100
_FILES = 4


def damaged_files(
    folder: Path, cases: int, *, kind: str = "rich", seed: int = 0, bug: str = ""
) -> Tally:
    """Damages the files of a real run so many times, in turn, and reads each.

    The later checkpoint, the earlier one as well, the best and the last weights.
    """
    draw, tally, run = random.Random(seed), Tally(), folder / "run"
    plan = plan_of(kind)
    with RunFolder.new(run) as held:
        train(plan, made(plan), held)
    later, earlier = checkpoint_paths(run)
    models = [run / "best.safetensors", run / "last.safetensors"]
    with _planted(bug):
        for case in range(cases):
            name, damage = draw.choice(_WAYS)
            which = case % _FILES
            told = (later, later, *models)[which]
            others = (earlier,) if which == 1 else ()
            with _broken((told, *others), damage, draw) as is_changed:
                if not is_changed:
                    continue
                if which < 2:
                    fault = _unnoticed_checkpoint(
                        run, later, earlier, both=bool(others)
                    )
                else:
                    fault = _unnoticed_model(told)
                if not fault and which < 2 and case % _GONE_ON_WITH == which:
                    fault = _gone_on_with(run, kind, files(run))
            tally.add(f"{told.name}, {name}", fault and f"case {case}: {fault}")
    return tally


@contextmanager
def _broken(
    paths: tuple[Path, ...], damage: Damage, draw: random.Random
) -> Iterator[bool]:
    """Files that are damaged inside the block, and then as before; if they changed."""
    folder = paths[0].parent
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    changed = True
    for path in paths:
        content = bytearray(before[path])
        damage(content, draw)
        changed &= bytes(content) != before[path]
        path.write_bytes(content)
    try:
        yield changed
    finally:
        for path in {*folder.iterdir()} - before.keys():
            path.unlink()
        for path, whole in before.items():
            path.write_bytes(whole)


def _unnoticed_checkpoint(run: Path, later: Path, earlier: Path, *, both: bool) -> str:
    content = {path: path.read_bytes() for path in (later, earlier)}
    found = latest_checkpoint(run)
    for path, whole in content.items():
        path.write_bytes(whole)  # the damaged ones are taken away
    if len(found.damaged) != 1 + both:
        return f"{len(found.damaged)} damages were told"
    if both:
        return "" if found.checkpoint is None else "a damaged one was taken"
    if found.checkpoint is None:
        return "the earlier one was not taken"
    wanted = read_checkpoint(earlier).place
    return "" if found.checkpoint.place == wanted else "another place"


def _unnoticed_model(path: Path) -> str:
    try:
        load_model(path)
    except MiradaError:
        return ""
    return "a damaged model was loaded"


def _gone_on_with(run: Path, kind: str, whole: dict[str, bytes]) -> str:
    """What is wrong with going on: it must be told, and end in the same bytes."""
    told: list[str] = []

    class Told(Watch):
        def note(self, text: Phrase) -> None:
            told.append(str(text))

    plan = plan_of(kind)
    with RunFolder.existing(run) as held:
        train(plan, made(plan), held, Told())
    if not any(text.endswith("It is left out.") for text in told):
        return f"it was not told: {told}"
    found = files(run)
    others = [name for name in COMPARED if found[name] != whole[name]]
    return f"gone on with, other bytes in {', '.join(others)}" if others else ""


def _planted(bug: str) -> AbstractContextManager[object]:
    """With the bug "digest", what a file holds is not held to its digest."""
    if bug == "digest":
        return patch.object(TensorFile, "_require_digest")
    return nullcontext()


def _turn(content: bytearray, draw: random.Random) -> None:
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _turn_many(content: bytearray, draw: random.Random) -> None:
    for _ in range(draw.randint(2, 50)):
        _turn(content, draw)


def _cut(content: bytearray, draw: random.Random) -> None:
    del content[draw.randrange(len(content)) :]


def _zero(content: bytearray, draw: random.Random) -> None:
    """Half a kilobyte is zeros, as where a sector was never written."""
    start = draw.randrange(len(content))
    end = min(start + 512, len(content))
    content[start:end] = bytes(end - start)


def _lengthen(content: bytearray, draw: random.Random) -> None:
    content.extend(draw.randbytes(draw.randint(1, 600)))


def _turn_header(content: bytearray, draw: random.Random) -> None:
    length = 8 + int.from_bytes(content[:8], "little")
    content[draw.randrange(length)] ^= 1 << draw.randrange(8)


def _swap(content: bytearray, draw: random.Random) -> None:
    """Two halves of the numbers change places: nothing is missing."""
    start = 8 + int.from_bytes(content[:8], "little")
    half = (len(content) - start) // 2
    content[start:] = content[start + half :] + content[start : start + half]


_WAYS: tuple[tuple[str, Damage], ...] = (
    ("a bit", _turn),
    ("a bit", _turn),
    ("a bit of the header", _turn_header),
    ("some bits", _turn_many),
    ("cut", _cut),
    ("cut", _cut),
    ("a sector of zeros", _zero),
    ("longer", _lengthen),
    ("exchanged", _swap),
)
