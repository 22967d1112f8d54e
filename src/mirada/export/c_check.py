"""What an exported model in C answers, compiled here and run in another process."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mirada.errors import InternalError, Phrase
from mirada.export.c_source import names_in
from mirada.export.format import Answered, Pixels

__all__ = ["c_outputs", "compiler_command"]

_COMPILERS = ("cc", "gcc", "clang")
_FASTEST, _USUAL = ("-O3", "-march=native"), ("-O2",)
_ROUNDS = 20
_PATIENCE_S = 900.0
_MOST_LETTERS = 300
_PROBE = """\
#include <math.h>
#include <stdio.h>
#include <time.h>

int main(void)
{
    return 0;
}
"""
_CHECK = """\
#include <stdio.h>
#include <time.h>

#include "model.h"

#define PIXELS (%(C)s_HEIGHT * %(C)s_WIDTH * %(C)s_CHANNELS)

static uint8_t pixels[PIXELS];
static float probabilities[%(C)s_CLASSES];

int main(void)
{
    FILE *from = fopen("pixels", "rb"), *to = fopen("probabilities", "wb");
    if (from == NULL || to == NULL)
        return 1;
    while (fread(pixels, 1, PIXELS, from) == PIXELS) {
        %(f)s_predict(pixels, probabilities);
        if (fwrite(probabilities, sizeof(float), %(C)s_CLASSES, to) != %(C)s_CLASSES)
            return 1;
    }
    for (int round = 0; round < %(rounds)d; round++) {
        long times = 0;
        const clock_t began = clock();
        do {
            %(f)s_predict(pixels, probabilities);
            times++;
        } while (clock() - began < CLOCKS_PER_SEC / 200);
        const double seconds = (double) (clock() - began) / CLOCKS_PER_SEC;
        printf("%%.9f\\n", seconds / (double) times);
    }
    return fclose(to) != 0;
}
"""


def compiler_command() -> list[str] | None:
    """The C compiler of this computer: $CC, cc, gcc or clang; None without one."""
    try:
        own = shlex.split(os.environ.get("CC", ""))
    except ValueError:
        own = []
    for words in (own, *([name] for name in _COMPILERS)):
        path = shutil.which(words[0]) if words else None
        if path is not None:
            return [path, *words[1:]]
    return None


def c_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What model.c in a folder gives for pixels (n, h, w, c), in float32.

    A phrase says why it could not be asked. Raises InternalError (`export-c-failed`)
    where a compiler that works does not take it, or it ends badly.
    """
    compiler = compiler_command()
    if compiler is None:
        return Phrase("not checked: no C compiler is installed")
    try:
        return _asked(compiler, folder, pixels)
    except subprocess.TimeoutExpired:
        minutes = round(_PATIENCE_S / 60)
        return Phrase(
            "not checked: the C compiler takes more than {minutes} minutes",
            minutes=minutes,
        )


def _asked(compiler: Sequence[str], folder: Path, pixels: Pixels) -> Answered | Phrase:
    with TemporaryDirectory() as name:
        place = Path(name)
        (place / "probe.c").write_text(_PROBE, "utf-8")
        broken = _ended([*compiler, "-o", "probe", "probe.c"], place)
        broken = broken or _ended([os.fspath(place / "probe")], place)
        if broken:
            return Phrase(
                "not checked: the C compiler does not work ({why})", why=broken
            )
        return _compiled(compiler, folder, place, pixels)


def _compiled(
    compiler: Sequence[str], folder: Path, place: Path, pixels: Pixels
) -> Answered:
    # Whatever the folder is called, no compiler sees its name.
    for name in ("model.c", "model.h"):
        shutil.copyfile(folder / name, place / name)
    names = names_in((place / "model.h").read_text("utf-8"))
    values = {"C": names.constants, "f": names.functions, "rounds": _ROUNDS}
    (place / "check.c").write_text(_CHECK % values, "utf-8")
    (place / "pixels").write_bytes(np.ascontiguousarray(pixels).tobytes())
    failed = ""
    for options in (_FASTEST, _USUAL):
        failed = _ended(
            [*compiler, "-std=c99", *options, "-o", "check", "check.c", "model.c"],
            place,
        )
        if not failed:
            break
    failed = failed or _ended([os.fspath(place / "check")], place, place / "times")
    if failed:
        raise InternalError(
            "export-c-failed",
            "The C compiler does not take the file that was made, or what it makes of "
            "it fails ({why}). This is a bug of mirada's; report it with the "
            "description of the network.",
            why=failed,
        )
    found = np.fromfile(place / "probabilities", np.float32)
    times = [float(line) for line in (place / "times").read_text().split()]
    return Answered(found.reshape(len(pixels), -1), 1000.0 * float(np.median(times)))


def _ended(command: Sequence[str], place: Path, output: Path | None = None) -> str:
    """Runs a command in a folder; why it failed, or nothing."""
    try:
        done = subprocess.run(
            command,
            cwd=place,
            # Where it is killed, what it has put aside goes with the folder.
            env={**os.environ, "TMPDIR": os.fspath(place)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except OSError as error:
        return str(error)[:_MOST_LETTERS]
    if output is not None:
        output.write_bytes(done.stdout)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    lines = lines or [f"exit {done.returncode}"]
    return next((line for line in lines if "error" in line), lines[-1])[:_MOST_LETTERS]
