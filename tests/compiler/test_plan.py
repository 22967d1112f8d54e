"""Where everything lies in memory: inside its arena, apart from everything else."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.llvm import BYTES
from mirada.compiler.plan import chunk_count, plan
from mirada.compiler.program import ARENAS, PARTS, Program
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import SGD, AdamW, Linear, Network, Recipe
from tests.compiled import TARGETS
from tests.compiler.programs import CASES, MODES, SMALL, Case
from tests.engines.drawn import compiled_networks

LINE = 64
BESIDE = {"images", "labels", "outputs", "input_gradient"}
"""Arrays that come from outside, without anything behind the last image."""


def bytes_of(buffer: Buffer) -> int:
    return buffer.size * BYTES[buffer.kind]


def sound(program: Program) -> None:
    """Passes when every kernel is sound, and every buffer lies where it may."""
    names = [call.name for calls in program.phases.values() for call in calls]
    assert len(set(names)) == len(names)
    for calls in program.phases.values():
        for call in calls:
            kernel = call.make()
            verify(kernel)
            placed(program, kernel)


def placed(program: Program, kernel: Kernel) -> None:
    """Buffers of one kernel are inside their arenas, and distinct ones apart."""
    spans = []
    for buffer in kernel.buffers:
        place = program.places[buffer.name]
        start, end = place.offset, place.offset + bytes_of(buffer)
        assert place.arena in ARENAS and start % BYTES[buffer.kind] == 0
        if place.arena == "gradients" and buffer.name == "gradients":
            end = start + 4 * program.length
        if place.arena not in BESIDE:
            length = {"momentum", "mean", "square"} & {place.arena}
            stride = "parameters" if length else place.arena
            assert end <= program.strides[stride], buffer.name
        spans.append((place.arena, start, end))
    for (arena, start, end), (other, begin, over) in combinations(spans, 2):
        assert arena != other or end <= begin or over <= start, kernel.name


def spans(program: Program, arena: str) -> Iterator[tuple[int, str]]:
    for name, place in program.places.items():
        if place.arena == arena:
            yield place.offset, name


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_every_case_lies_soundly(name: str, mode: str) -> None:
    case = CASES[name]
    for target in (*TARGETS.values(), SMALL):
        sound(plan(*case, mode, case.recipe.batch_size, target))


@settings(max_examples=25)
@given(
    compiled_networks(scores=True, most_channels=20, largest=16),
    st.sampled_from(MODES),
    st.integers(1, 200),
    st.sampled_from([*TARGETS.values(), SMALL]),
)
def test_drawn_networks_lie_soundly(
    network: Network, mode: str, batch: int, target: Target
) -> None:
    """And every kernel of theirs is proved."""
    sound(plan(network, Recipe(batch_size=batch), mode, batch, target))


@settings(max_examples=25)
@given(compiled_networks(scores=True), st.sampled_from((SGD(), AdamW())))
def test_parameters_have_room_behind_them(network: Network, rule: SGD | AdamW) -> None:
    """A vector may be read past the end of each; updates run over equal parts."""
    program = plan(network, Recipe(optimizer=rule), "train", 8, SMALL)
    assert program.length % (PARTS * 16) == 0
    end = 0
    for slot in program.slots.values():
        assert slot.offset >= end and slot.offset % 16 == 0
        size = 1
        for each in slot.native:
            size *= each
        end = slot.offset + size + 16
    assert end <= program.length or not program.slots


@pytest.mark.parametrize("name", CASES)
def test_memory_of_a_thread_is_used_once(name: str) -> None:
    """Values, gradients and choices: no two overlap, each begins a cache line."""
    case = CASES[name]
    program = plan(*case, "gradients", 3, SMALL)
    sizes: dict[str, int] = {}
    for calls in program.phases.values():
        for call in calls:
            sizes |= {b.name: bytes_of(b) for b in call.make().buffers}
    for arena in ("workspace", "packed"):
        end = 0
        for start, buffer in sorted(spans(program, arena)):
            assert start % LINE == 0 and start >= end, buffer
            end = start + sizes.get(buffer, 0)
        assert end <= program.strides.get(arena, 0)


@given(st.integers(1, 5000), st.integers(1, 10**9))
def test_a_batch_is_cut_in_a_few_chunks(batch: int, parameters: int) -> None:
    chunks = chunk_count(batch, parameters)
    assert 1 <= chunks <= min(batch, 8)
    assert chunks == 1 or chunks * parameters * 4 <= 2**29
    if batch >= 2 and parameters < 10**6:
        assert chunks >= 2


@settings(max_examples=40)
@given(st.integers(1, 300))
def test_chunks_and_blocks_cover_the_batch(batch: int) -> None:
    network = Network("n", (4,), (Linear(3),))
    program = plan(network, Recipe(), "train", batch, SMALL)
    chunks = -(-batch // program.chunk_images)
    assert chunks <= chunk_count(batch, 15)
    assert (chunks - 1) * program.chunk_images < batch
    assert 1 <= program.block_images <= program.chunk_images


def test_the_plan_does_not_depend_on_the_optimizer_s_numbers() -> None:
    """Learning rate and schedule are arguments of the code, not part of it."""
    network, _ = CASES["block"]
    one, two = (
        Case(network, Recipe(optimizer=SGD(rate), batch_size=3)) for rate in (0.1, 0.2)
    )
    made = [
        [
            call.make()
            for calls in plan(*each, "train", 3, SMALL).phases.values()
            for call in calls
        ]
        for each in (one, two)
    ]
    assert made[0] == made[1]
