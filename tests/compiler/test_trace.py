"""What passes did to a kernel, step by step."""

from mirada.compiler.ir import Buffer, For, Kernel, Load, Store, Var
from mirada.compiler.passes import inline, tile, unroll, vectorize
from mirada.compiler.trace import LOWERED, Step, steps_of, traced

X, Y, Z = (Buffer(name, (8,)) for name in "xyz")


def copying(name: str, given: Buffer, to: Buffer) -> Kernel:
    at = (Var("i"),)
    body = (For("i", 8, (Store(to, at, Load(given, at)),)),)
    return Kernel(name, (), (given, to), body)


def made() -> Kernel:
    return unroll(tile(copying("copy", X, Y), "i", 4), "i.tile")


def test_every_pass_is_told_with_its_sizes_in_order() -> None:
    steps = steps_of(made)
    assert [step.text for step in steps] == [
        "lowering copy",
        "tile i 4",
        "unroll i.tile",
    ]
    assert steps[0].kernel == copying("copy", X, Y)
    assert steps[1].kernel == tile(copying("copy", X, Y), "i", 4)
    assert steps[2].kernel == made()


def test_what_a_pass_puts_together_is_told_before_it() -> None:
    first, second = copying("first", X, Y), copying("second", Y, Z)
    steps = steps_of(lambda: vectorize(inline(first, second), "i", 8))
    assert steps[:3] == (
        Step(LOWERED, ("first",), first),
        Step(LOWERED, ("second",), second),
        Step("inline", (), inline(first, second)),
    )
    assert steps[3].text == "vectorize i 8"


def test_a_kernel_without_passes_is_one_step() -> None:
    kernel = copying("copy", X, Y)
    assert steps_of(lambda: kernel) == (Step(LOWERED, ("copy",), kernel),)


def test_the_last_step_is_what_is_compiled() -> None:
    other = copying("other", X, Y)

    def changed() -> Kernel:
        made()
        return other

    assert steps_of(changed)[-1] == Step(LOWERED, ("other",), other)


def test_nothing_is_kept_when_nobody_looks() -> None:
    with traced() as steps:
        made()
    before = len(steps)
    made()
    assert before == 3 == len(steps)


def test_who_looks_inside_does_not_take_it_from_who_looks_outside() -> None:
    with traced() as outer:
        made()
        with traced() as inner:
            made()
        made()
    assert (len(outer), len(inner)) == (6, 3)
