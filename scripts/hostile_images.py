"""Decodes hostile images of every format and tells what came of them.

    python -m scripts.hostile_images --cases 70
    python -m scripts.hostile_images --cases 20000 --format PNG --seed 7

Each file is used or refused with a reason, in at most 10 seconds and 512 MB. One that
ends its decoder is given to the processes that a scan uses, which must blame it and go
on. The exit status is 1 if anything else happened, 2 if no case ran.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from PIL import Image

from mirada.data.decoding import FORMATS
from mirada.data.encoded import Content
from mirada.data.pool import Decoders
from mirada.errors import DataError
from tests.data.hostile.changes import Case
from tests.data.hostile.trial import ENDED, SIZE, Trial, trials
from tests.data.hostile_images import attacks, wild

__all__ = ["main"]


def main(words: list[str] | None = None) -> int:
    """Runs the formats that are asked for and prints a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cases", type=int, default=70, help="files of each format")
    parser.add_argument("--format", choices=FORMATS, action="append", dest="forms")
    parser.add_argument("--seed", type=int, default=0, help="of the drawn damage")
    wishes = parser.parse_args(words)
    wrong = ran = 0
    for form in wishes.forms or FORMATS:
        if form not in Image.OPEN:
            print(f"{form:9} Pillow was built without it")
            continue
        results, bad = _run(form, wishes.cases, wishes.seed)
        wrong, ran = wrong + bad, ran + len(results)
        print(f"{form:9} {_told(results)}", flush=True)
    print(f"{ran} files, {wrong} neither used nor refused")
    return 1 if wrong else 0 if ran else 2


def _run(form: str, count: int, seed: int) -> tuple[list[Trial], int]:
    """What came of each file, and how many came to something else than they may."""
    results, bad = [], 0
    asked: list[Case] = []

    def cases() -> Iterator[Case]:
        for case in islice(chain(attacks(form), wild(form, seed)), count):
            asked[:] = [case]
            yield case

    for result in trials(cases()):
        results.append(result)
        if result.allowed:
            continue
        blamed = result.outcome.startswith(ENDED) and _is_blamed(asked[0])
        print(f"  {form}: {result}{', blamed by a scan' if blamed else ''}")
        bad += not blamed
    return results, bad


def _is_blamed(case: Case) -> bool:
    """Whether the processes of a scan refuse this file and use the next one."""
    after = Content("after it", b"P2 1 1 255 7")
    with Decoders(workers=1) as decoders:
        first, second = decoders.decode([Content(*case), after], SIZE)
    return isinstance(first, DataError) and not isinstance(second, DataError)


def _told(results: list[Trial]) -> str:
    counts = Counter(result.outcome for result in results)
    if not results:
        return "no case"
    slow = max(results, key=lambda result: result.seconds)
    large = max(result.megabytes for result in results)
    outcomes = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return f"{outcomes}; at most {slow.seconds:.1f} s ({slow.name}), {large:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
