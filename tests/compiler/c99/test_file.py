from pathlib import Path

from mirada.compiler.c99 import file_text
from mirada.compiler.c99.kernel import comment
from mirada.compiler.ir import Buffer, Kernel
from tests.compiler.c99.printed import build

X = Buffer("x", (4,))


def test_names_that_come_out_alike_are_told_apart() -> None:
    empty = Kernel("k", (), (X,), ())
    text = file_text({"a.b": empty, "a_b": empty, "a b": empty}, "net")
    for name in ("net_a_b", "net_a_b_2", "net_a_b_3"):
        assert text.count(f"void {name}(const float x[restrict 4])") == 1


def test_only_what_kernels_need_stands_before_them() -> None:
    assert "static inline" not in file_text({})


def test_a_comment_ends_where_it_ends() -> None:
    given = "a */ b /* c \\ d ??/ \n e"
    assert comment(given) == "/* a * / b / * c ? d ? ?/ ? e */"
    long = comment("word " * 40)
    assert max(map(len, long.split("\n"))) <= 84 and long.endswith("*/")


def test_hostile_names_compile(tmp_path: Path) -> None:
    """Names come from files: none ends a comment or is a word of C."""
    names = ("float", "*/ x", "1\\", "??/", "restrict", "añb", "printf", "log", "main")
    kernels = {
        name: Kernel(name, (), (Buffer(name, (4,)),), ())
        for name in (*names, "min_f32")
    }
    build(file_text(kernels, "exp"), tmp_path / "names.so", ("-shared", "-fPIC"))
