"""View modules in one script do what they do in many files."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mirada.errors import InternalError
from mirada.views import modules
from mirada.views.joining import exports, joined, styles, widget_styles

VIEWS = Path(modules.__file__).parent
ENTRIES = sorted(path.name for path in VIEWS.glob("*.js"))

BROWSER = """
globalThis.document = { createComment() {}, createTreeWalker() {} };
globalThis.HTMLElement = class {};
globalThis.customElements = { define() {}, get() {} };
"""
TELL = """
const told = [];
for (const path of process.argv.slice(1)) {
  const found = await import(path);
  told.push(Object.keys(found).map((name) => [name, typeof found[name]]).sort());
}
console.log(JSON.stringify(told));
"""

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="needs node: apt-get install nodejs"
)


def in_node(script: str, *words: str) -> str:
    """What a module prints that node runs."""
    command = ["node", "--input-type=module", "--eval", script, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, "utf-8")


@needs_node
def test_every_view_gives_the_same_alone(tmp_path: Path) -> None:
    """Each joined module parses and exports what the module itself does."""
    alone = []
    for name in ENTRIES:
        path = tmp_path / f"{name.removesuffix('.js')}.mjs"
        path.write_text(joined(name), "utf-8")
        alone.append(path.as_uri())
    apart = [(VIEWS / name).as_uri() for name in ENTRIES]
    told = json.loads(in_node(BROWSER + TELL, *apart, *alone))
    assert len(told) == 2 * len(ENTRIES) > 4
    for name, one, other in zip(ENTRIES, told, told[len(ENTRIES) :], strict=False):
        assert one == other, name
        assert sorted(key for key, _ in one) == sorted(exports(name)), name


@needs_node
def test_what_is_shared_is_there_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        top='import { count } from "./left.js";\n'
        'import {\n  count as again,\n} from "./right.js";\n'
        "export const both = () => count() + again();\n",
        left='import { next } from "./shared.js";\nexport function count() {'
        " return next(); }\n",
        right='import { next } from "./shared.js";\nconst count = () => 10 * next();\n'
        "export { count };\n",
        shared="let held = 0;\nexport const next = () => (held += 1);\n",
    )
    text = joined("top.js", tmp_path)
    assert text.count("held = 0") == 1
    (tmp_path / "all.mjs").write_text(text)
    script = "const all = await import(process.argv[1]); console.log(all.both());"
    assert in_node(script, (tmp_path / "all.mjs").as_uri()) == "21\n"


def test_comments_and_types_are_left_out(tmp_path: Path) -> None:
    text = joined("view.js")
    assert "@ts-check" not in text and "@param" not in text
    assert "SPDX-License-Identifier: BSD-3-Clause" in text
    write(
        tmp_path,
        one="  /** @type {any} */ (1);\nexport const a =\n"
        "  /** @type {import('./b.js').B} */ (1);\n",
    )
    assert "(1);" in joined("one.js", tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        'export * from "./other.js";',
        'export { one } from "./other.js";',
        'import one from "./other.js";',
        'import * as all from "./other.js";',
        'import "./other.js";',
        'import { one } from "https://example.org/other.js";',
        'import { one } from "../other.js";',
        "export let changed = 1;",
        "export const { one } = {};",
        'const late = () => import("./other.js");',
        "const here = import.meta.url;",
    ],
)
def test_other_forms_are_refused(line: str, tmp_path: Path) -> None:
    write(tmp_path, one=f"// a module\n{line}\n", other="export const one = 1;\n")
    with pytest.raises(InternalError, match=r"one\.js is written in a form") as caught:
        joined("one.js", tmp_path)
    assert caught.value.code == "view-syntax"


def test_a_circle_is_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        line = f'import {{ {other} }} from "./{other}.js";\nexport const {one} = 1;\n'
        write(tmp_path, **{one: line})
    with pytest.raises(InternalError, match=r"a\.js -> b\.js -> a\.js"):
        joined("a.js", tmp_path)


def test_styles_are_those_of_all_views_or_of_some() -> None:
    assert styles().startswith(":root {\n  --paper: light-dark(")
    some = styles("curves.js")
    assert ".view {" in some and ".view-curves path {" in some
    assert ".view-confusion" in styles() and ".view-confusion" not in some
    assert ".view-curves" not in styles("summary.js")
    assert ".block" in styles("summary.js"), "that of what it imports, too"
    widget = widget_styles("notebook_curves.js")
    assert ":root" not in widget and widget.startswith(".mirada-widget {")
    for text in (styles(), some, widget):
        assert text.count("{") == text.count("}") and "/*" not in text
