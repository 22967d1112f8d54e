from mirada.compiler.ir import Buffer, Register


def test_a_view_keeps_every_element() -> None:
    buffer = Buffer("x", (2, 3, 4), slack=5)
    assert buffer.size == 29
    assert buffer.view(6, 4) == Buffer("x", (6, 4), slack=5)
    assert buffer.view(2, 3) == Buffer("x", (2, 3), slack=23)
    assert buffer.flat() == Buffer("x", (29,))


def test_only_what_declares_bounds_is_bounded() -> None:
    assert not Buffer("x", (2,), "i32").bounded and not Register("r", "i32").bounded
    assert Buffer("x", (2,), "i32", 0, 0, 0).bounded
    assert Register("r", "i32", 1, -3, 7).bounded
