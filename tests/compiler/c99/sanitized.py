"""Kernels as C in a child process, under the sanitizers of addresses and of C's rules.

Every buffer is a piece of memory of its own, of exactly its size, so that an access
beyond either end stops the process; so does what C leaves undefined.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.c99 import file_text
from mirada.compiler.c99.names import function_name
from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer, Kernel
from tests.compiler.c99.printed import STRICT, build, c_compiler

__all__ = ["Run", "needs_sanitizers", "sanitized"]

_GCC = shutil.which("gcc") is not None
# What the address sanitizer sees by itself is not looked for twice, and without
# optimizing no access is left out: both make compiling several times as fast.
_OPTIONS = (
    "-O0",
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fno-sanitize=null,alignment,object-size,pointer-overflow",
    "-fno-sanitize-recover=all",
    *(("--param", "asan-instrumentation-with-call-threshold=0") if _GCC else ()),
)
_WRONG = 77
"""With what status the sanitizers end a process, and nothing else does."""

_READING = """\
#include <stdio.h>
#include <stdlib.h>

static inline void *taken(FILE *from, size_t bytes)
{
    void *memory = malloc(bytes);
    if (memory == NULL || fread(memory, 1, bytes, from) != bytes)
        exit(3);
    return memory;
}

static inline void *empty(size_t bytes)
{
    void *memory = calloc(bytes, 1);
    if (memory == NULL)
        exit(3);
    return memory;
}

static inline void given(FILE *to, void *memory, size_t bytes)
{
    if (fwrite(memory, 1, bytes, to) != bytes)
        exit(3);
    free(memory);
}
"""

_MAIN = """
int main(int count, char **files)
{
    FILE *from = fopen(files[1], "rb"), *to = fopen(files[2], "wb");
    int32_t which;
    if (count != 3 || from == NULL || to == NULL)
        return 3;
    while (fread(&which, 4, 1, from) == 1)
        runs[which](from, to);
    return fclose(to);
}
"""


class Run(NamedTuple):
    """A kernel, what it is called with, and the arrays it works on."""

    key: str
    arguments: Mapping[str, int]
    arrays: Mapping[str, NDArray[Any]]


def sanitized(
    kernels: Mapping[str, Kernel], runs: Sequence[Run], folder: Path
) -> list[dict[str, NDArray[Any]]]:
    """The arrays after each run, or an `AssertionError` with the sanitizer's words."""
    needs_sanitizers()
    text = _program(kernels)
    program = build(text, folder / "sanitized", _OPTIONS)
    source, result = folder / "in.bin", folder / "out.bin"
    source.write_bytes(b"".join(_input(kernels, runs)))
    ended = _execute(program, source, result)
    assert ended.returncode == 0, f"{ended.returncode}\n{ended.stderr[:4000]}"
    return list(_output(kernels, runs, result.read_bytes()))


@lru_cache(maxsize=1)
def _missing() -> str:
    """Why no sanitizer can be used here, or nothing."""
    with TemporaryDirectory() as name:
        path = Path(name) / "empty"
        path.with_suffix(".c").write_text("int main(void) { return 0; }\n")
        command = [c_compiler(), *STRICT, *_OPTIONS, "-o", str(path), f"{path}.c"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            return made.stderr.strip()[-200:] or "it does not compile"
        ended = _execute(path)
        return ended.stderr[:200] or "it does not run" if ended.returncode else ""


def needs_sanitizers() -> None:
    """Skips the test where the compiler has no sanitizers."""
    missing = _missing()
    if missing:
        pytest.skip(f"the C compiler has no sanitizers here: {missing}")


def _execute(program: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    # Leaks are no concern of kernels, and finding them needs ptrace.
    both = f"exitcode={_WRONG}"
    quiet = {"ASAN_OPTIONS": f"detect_leaks=0:{both}", "UBSAN_OPTIONS": both}
    return subprocess.run(
        [str(program), *map(str, files)],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **quiet},
        timeout=120,
        check=False,
    )


def _program(kernels: Mapping[str, Kernel]) -> str:
    """The kernels, a function a kernel that brings its arrays, and `main`."""
    texts = [_READING, file_text(kernels, "tested", static=True)]
    for place, (key, kernel) in enumerate(kernels.items()):
        texts.append("\n".join(_runner(place, function_name("tested", key), kernel)))
    names = ", ".join(f"run_{place}" for place in range(len(kernels)))
    texts.append(f"static void (*const runs[])(FILE *, FILE *) = {{{names}}};")
    return "\n".join([*texts, _MAIN])


def _runner(place: int, name: str, kernel: Kernel) -> Iterator[str]:
    yield f"static void run_{place}(FILE *from, FILE *to)\n{{"
    whole = len(kernel.arguments)
    if whole:
        yield f"    int64_t *whole = taken(from, {8 * whole});"
    for i, buffer in enumerate(kernel.buffers):
        yield f"    void *buffer_{i} = taken(from, {_bytes(buffer)});"
    for i, buffer in enumerate(kernel.scratch):
        yield f"    void *scratch_{i} = empty({_bytes(buffer)});"
    given = [f"buffer_{i}" for i in range(len(kernel.buffers))]
    own = [f"scratch_{i}" for i in range(len(kernel.scratch))]
    numbers = [f"whole[{i}]" for i in range(whole)]
    yield f"    {name}({', '.join([*given, *own, *numbers])});"
    for i, buffer in enumerate(kernel.buffers):
        yield f"    given(to, buffer_{i}, {_bytes(buffer)});"
    for pointer in (*own, *(["whole"] if whole else [])):
        yield f"    free({pointer});"
    if not kernel.buffers:
        yield "    (void) to;"
    yield "}\n"


def _bytes(buffer: Buffer) -> int:
    return buffer.size * int(np.dtype(DTYPES[buffer.kind]).itemsize)


def _input(kernels: Mapping[str, Kernel], runs: Sequence[Run]) -> Iterator[bytes]:
    places = {key: place for place, key in enumerate(kernels)}
    for key, arguments, arrays in runs:
        kernel = kernels[key]
        whole = [arguments[argument.name] for argument in kernel.arguments]
        yield np.int32(places[key]).tobytes() + np.array(whole, np.int64).tobytes()
        for buffer in kernel.buffers:
            array = arrays[buffer.name]
            assert array.nbytes == _bytes(buffer), buffer.name
            yield array.tobytes()


def _output(
    kernels: Mapping[str, Kernel], runs: Sequence[Run], data: bytes
) -> Iterator[dict[str, NDArray[Any]]]:
    at = 0
    for run in runs:
        found = {}
        for buffer in kernels[run.key].buffers:
            size, kind = _bytes(buffer), DTYPES[buffer.kind]
            found[buffer.name] = np.frombuffer(data[at : at + size], kind)
            at += size
        yield found
    assert at == len(data)
