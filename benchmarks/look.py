"""How long `mirada look` takes: `python benchmarks/look.py [DATA] [--json]`.

Trains LeNet-5 for one epoch on DATA (else on the bundled digits at 28 pixels) and asks
each question of it as a whole process, interpreter included. Cold is with nothing
compiled before, warm with all of it. Medians of wall time, and of processor time, which
says more where the machine has other work.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image

from mirada.data import load

QUESTIONS = {
    "": 20.0,
    "--image IMAGE": 2.0,
    "--image IMAGE --layer conv1 --at 0 14 14": 2.0,
    "--image IMAGE --cam grad-cam": 2.0,
    "--layer conv1": 20.0,
}
"""What is asked, and the seconds it may take."""


def answered(words: str, folder: Path, cache: Path) -> tuple[float, float]:
    """Wall and processor seconds of one command in `folder`."""
    run = "import sys; from mirada.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "MIRADA_CACHE": str(cache)}
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", run, *words.split()],
        check=True,
        capture_output=True,
        cwd=folder,
        env=environment,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - start, spent


def prepared(folder: Path, data: str) -> None:
    """A run in `folder`/run and an image of its data in `folder`/image.png."""
    size = "--size 28" if data == "digits" else ""
    training = f"train lenet5 {data} --epochs 1 {size} --out run"
    answered(training, folder, folder / "training")
    images = load(data).images
    Image.fromarray(images[0][..., 0]).save(folder / "image.png")


def measure(data: str, rounds: int) -> dict[str, dict[str, float]]:
    """The medians of every question, cold and warm, turn by turn."""
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared(folder, data)
        for turn in range(rounds):
            for place, question in enumerate(QUESTIONS):
                asked = question.replace("IMAGE", "image.png")
                cache = folder / f"cache-{turn}-{place}"
                words = f"look run {asked} --out looked"
                both = *answered(words, folder, cache), *answered(words, folder, cache)
                found.setdefault(question, []).append(both)
    names = ("cold_s", "cold_processor_s", "warm_s", "warm_processor_s")
    return {
        question: {
            name: round(median(times), 3)
            for name, times in zip(names, zip(*taken, strict=True), strict=True)
        }
        for question, taken in found.items()
    }


def main() -> None:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default="digits")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    data = given.data
    if Path(data).exists():
        data = str(Path(data).resolve())
    found = measure(data, given.rounds)
    if given.json:
        print(json.dumps({"schema": 1, "seconds": found, "budgets_s": QUESTIONS}))
        return
    print(f"{'mirada look RUN ...':42} {'cold':>14} {'warm':>14}   wall (processor)")
    for question, times in found.items():
        cold = f"{times['cold_s']:.2f} ({times['cold_processor_s']:.2f})"
        warm = f"{times['warm_s']:.2f} ({times['warm_processor_s']:.2f})"
        print(f"{question:42} {cold:>14} {warm:>14}   (budget {QUESTIONS[question]} s)")


if __name__ == "__main__":
    main()
