from pathlib import Path

import numpy as np

from mirada.compiler.c99.operations import HEADER, HELPERS, definitions
from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer, Convert, For, Kernel, Load, Store, Var
from tests.compiler.c99.printed import build
from tests.compiler.c99.sanitized import Run, sanitized


def test_every_operation_compiles_without_a_warning(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *HELPERS.values(), "int main(void) { return 0; }\n"])
    build(text, tmp_path / "operations", ("-O2",))


def test_only_what_is_used_is_written() -> None:
    text = definitions({"min_f32", "add_i32"})
    assert text.index("add_i32") < text.index("min_f32") and text.count("return") == 2
    assert definitions(()) == ""


def test_a_number_outside_its_kind_is_not_undefined(tmp_path: Path) -> None:
    """The smallest, as of x86, or 0 where there is nothing below."""
    given = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 2.0**31, -1.0], np.float32)
    edge = np.array([2.0**31 - 128, -(2.0**31), -0.9, 255.9, 7.0], np.float32)
    x = np.concatenate((given, edge))
    kinds = ("i32", "i64", "u8", "u32", "u64")
    source = Buffer("x", x.shape)
    targets = tuple(Buffer(kind, x.shape, kind) for kind in kinds)
    body = tuple(
        Store(to, (Var("i"),), Convert(Load(source, (Var("i"),)), to.kind))
        for to in targets
    )
    kernel = Kernel("k", (), (source, *targets), (For("i", len(x), body),))
    arrays = {
        "x": x,
        **{to.name: np.zeros(len(x), DTYPES[to.kind]) for to in targets},
    }
    (found,) = sanitized({"k": kernel}, [Run("k", {}, arrays)], tmp_path)
    least = -(2**31)
    assert found["i32"].tolist() == [
        *[least] * 6, -1, 2**31 - 128, least, 0, 255, 7,
    ]  # fmt: skip
    assert found["u8"].tolist() == [0] * 10 + [255, 7]
    assert found["i64"].tolist()[:2] == [-(2**63)] * 2
    assert found["u32"].tolist()[5:8] == [2**31, 0, 2**31 - 128]
    assert found["u64"].tolist()[4:6] == [0, 2**31]
