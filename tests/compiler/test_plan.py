"""Where everything lies in memory: inside its arena, apart from everything else."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.llvm import BYTES
from mirada.compiler.plan import chunk_count, plan
from mirada.compiler.program import ARENAS, PARTS, Phase, Program
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import SGD, AdamW, Linear, Network, Recipe
from tests.compiled import TARGETS
from tests.compiler.lives import accesses, faults
from tests.compiler.programs import CASES, MODES, SMALL, Case
from tests.engines.drawn import MIXED, compiled_networks, wide_networks

LINE = 64
BESIDE = {"images", "labels", "outputs", "input_gradient", "arriving"}
"""Arrays that come from outside, without anything behind the last image."""


def bytes_of(buffer: Buffer) -> int:
    return buffer.size * BYTES[buffer.kind]


def sound(program: Program, batch: int) -> None:
    """Passes when every kernel is sound, and every buffer lies where it may."""
    names = [call.name for call in program.calls]
    assert len(set(names)) == len(names)
    for call in program.calls:
        kernel = call.make()
        verify(kernel)
        placed(program, kernel, batch)


def placed(program: Program, kernel: Kernel, batch: int) -> None:
    """Buffers of one kernel are inside their arenas, and distinct ones apart."""
    spans = []
    for buffer in kernel.buffers:
        place = program.places[buffer.name]
        start, end = place.offset, place.offset + bytes_of(buffer)
        if place.image_bytes:
            end = start + place.image_bytes * batch
        assert place.arena in ARENAS
        assert start % BYTES[buffer.kind] == 0
        if place.arena == "gradients" and buffer.name == "gradients":
            end = start + 4 * program.learned
        if place.arena not in BESIDE:
            assert end <= reserved(program, place.arena), buffer.name
        spans.append((place.arena, start, end))
    for (arena, start, end), (other, begin, over) in combinations(spans, 2):
        assert arena != other or end <= begin or over <= start, kernel.name


def reserved(program: Program, arena: str) -> int:
    """The bytes of an arena, or from one chunk or thread to the next."""
    if arena in ("momentum", "mean", "square", "average"):
        return 4 * program.learned
    return program.strides[arena]


def spans(program: Program, arena: str) -> Iterator[tuple[int, str]]:
    for name, place in program.places.items():
        if place.arena == arena:
            yield place.offset, name


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_every_case_lies_soundly(name: str, mode: str) -> None:
    case = CASES[name]
    for target in (*TARGETS.values(), SMALL):
        sound(plan(*case, mode, case.recipe.batch_size, target), case.recipe.batch_size)


@settings(max_examples=20)
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
    sound(plan(network, Recipe(batch_size=batch), mode, batch, target), batch)


@settings(max_examples=25)
@given(compiled_networks(scores=True), st.sampled_from((SGD(), AdamW())))
def test_parameters_have_room_behind_them(network: Network, rule: SGD | AdamW) -> None:
    """A vector may be read past the end of each; updates run over equal parts."""
    program = plan(network, Recipe(optimizer=rule), "train", 8, SMALL)
    assert program.learned % (PARTS * 16) == 0
    assert program.learned <= program.length
    end = 0
    statistics = [
        name for name, p in network.parameters.items() if p.role == "statistic"
    ]
    ordered = sorted(program.slots.values(), key=lambda slot: slot.offset)
    for slot in ordered:
        assert slot.offset >= end
        assert slot.offset % 16 == 0
        assert (slot.offset >= program.learned) == (slot.name in statistics)
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
    for call in program.calls:
        sizes |= {b.name: bytes_of(b) for b in call.make().buffers}
    for arena in ("workspace", "packed"):
        end = 0
        for start, buffer in sorted(spans(program, arena)):
            assert start % LINE == 0, buffer
            assert start >= end, buffer
            end = start + sizes.get(buffer, 0)
        assert end <= program.strides.get(arena, 0)


@pytest.mark.parametrize("mode", (*MODES, "trace"))
@pytest.mark.parametrize("batch", [1, 5, 19])
def test_phases_do_not_disturb_each_other(mode: str, batch: int) -> None:
    """Batch normalization, branches, Winograd's convolutions, pooling, dropout."""
    names = frozenset({"add1", "stem", "conv3", "large", "input"})
    for wanted in (frozenset[str](), names if mode != "train" else frozenset[str]()):
        program = plan(MIXED, Recipe(), mode, batch, SMALL, wanted=wanted)
        if isinstance(program.work[0], Phase):
            assert faults(program, batch) == []
        else:
            assert (mode, batch) == ("predict", 1)


@settings(max_examples=20)
@given(
    compiled_networks(scores=True) | wide_networks(),
    st.sampled_from(("train", "inspect", "trace", "gradients")),
    st.integers(1, 40),
    st.sampled_from([*TARGETS.values(), SMALL]),
)
def test_phases_of_drawn_networks_do_not_either(
    network: Network, mode: str, batch: int, target: Target
) -> None:
    program = plan(network, Recipe(), mode, batch, target)
    if isinstance(program.work[0], Phase):
        assert faults(program, batch) == []


def test_planted_disturbances_are_found() -> None:
    """A meeting that is left out, and two buffers in one place."""
    program = plan(MIXED, Recipe(), "train", 4, SMALL)
    for place, step in enumerate(program.work):
        assert isinstance(step, Phase)
        program.work[place] = replace(step, meet=False)
    assert faults(program, 4)
    program = plan(MIXED, Recipe(), "train", 4, SMALL)
    first = accesses(program, 4)[0][0].buffer
    start = program.places[first].offset
    for name, laid in program.places.items():
        if laid.arena == "values":
            program.places[name] = replace(laid, offset=start)
    found = faults(program, 4)
    assert any("over" in fault for fault in found)
    assert any("memory is gone" in fault for fault in found)


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
        [call.make() for call in plan(*each, "train", 3, SMALL).calls]
        for each in (one, two)
    ]
    assert made[0] == made[1]
