"""Threads of other processors meet: the crew's atomics, in emulators."""

from pathlib import Path

import pytest

from mirada.compiler.crew import LINE, Pool, emit_crew
from mirada.compiler.jit import object_code
from mirada.compiler.target import target
from tests.compiler.targets.foreign import MACHINES, start

THREADS, TURNS = 3, 100

PROGRAM = """
#include <pthread.h>
#include <sched.h>
long long work(void *, long long, long long), start(void *);
void finish(void *);
int mirada_yield_core(void) { return sched_yield(); }

static long long pool[%(size)d] __attribute__((aligned(64)));
static long long counts[%(threads)d * %(line)d];

static void count(void *context, long long thread, long long threads) {
  counts[thread * %(line)d] += threads == %(threads)d && context == counts;
}

static void *serve(void *thread) {
  for (long long seen = 0;; sched_yield()) seen = work(pool, (long long)thread, seen);
}

int main(void) {
  pthread_t ignored;
  pool[%(function)d] = (long long)count;
  pool[%(context)d] = (long long)counts;
  pool[%(count)d] = %(threads)d;
  for (long long thread = 1; thread < %(threads)d; thread++)
    if (pthread_create(&ignored, 0, serve, (void *)thread)) return 2;
  for (int turn = 1; turn <= %(turns)d; turn++) {
    start(pool);
    finish(pool);
    for (int thread = 0; thread < %(threads)d; thread++)
      if (counts[thread * %(line)d] != turn) return 1;
  }
  return 0;
}
"""


@pytest.mark.parametrize("machine", ["aarch64", "riscv64", "nehalem"])
def test_every_thread_takes_part_in_every_run(machine: str, tmp_path: Path) -> None:
    used = MACHINES[machine]
    text, _ = emit_crew(target(used.target))
    source = PROGRAM % {
        "size": (THREADS + len(Pool) + 1) * LINE,
        "line": LINE,
        "threads": THREADS,
        "turns": TURNS,
        "function": Pool.FUNCTION * LINE,
        "context": Pool.CONTEXT * LINE,
        "count": Pool.THREADS * LINE,
    }
    start(used, object_code(text, target(used.target)), source, tmp_path)
