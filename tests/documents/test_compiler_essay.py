"""The worked example of the essay on the compiler works."""

import re
from pathlib import Path

ESSAY = Path(__file__).resolve().parents[2] / "docs" / "design" / "compiler.md"


def test_the_example_of_a_layer_and_a_target_runs() -> None:
    text = ESSAY.read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {"__name__": "essay"}
    exec(compile(code, str(ESSAY), "exec"), names)
    assert names["slopes"]


def test_every_file_that_the_essay_names_is_there() -> None:
    text = ESSAY.read_text(encoding="utf-8")
    package = ESSAY.parents[2] / "src" / "mirada"
    named = set(re.findall(r"`([\w/*]+\.py)`", text))
    assert len(named) > 20
    for name in sorted(named):
        rooms = (package / "compiler", package / "compiler" / "lowering", package)
        assert any([*room.glob(name)] for room in rooms), name
