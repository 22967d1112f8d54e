"""The browser's side keeps its rules: types, plain modules, nothing inline."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.sizes import sources
from tests.contract.tree import ROOT

TSC = ROOT / "node_modules" / ".bin" / "tsc"
VIEWS = ROOT / "src" / "mirada" / "views"

FORBIDDEN = {
    r"(?<![.\w-])style=": "an inline style, which the policy forbids",
    r"\s@?on[a-z]+=\"": "an inline handler, which the policy forbids",
    r"\bexport default\b": "a default export",
    r"\bexport \*": "an export of everything",
    r"\beval\(|\bnew Function\(": "code made of text",
    r"\.innerHTML\b|\bunsafeHTML\b|insertAdjacentHTML": "markup made of text",
    r"\bconsole\.": "talk to the console",
    r"https?://(?!www\.w3\.org/)": "an address elsewhere",
}
FORBIDDEN_IN_VIEWS = {
    r"^\s*import\b(?!.*\bfrom \"\./)(?!\s*\{\s*$)": "an import from elsewhere",
    r"\bimport\(": "a late import",
    r"\blocalStorage\b|Bearer": "a server, or a page to live in",
}

MOST_COLUMNS = 110
WHOLE = re.compile(r'"[^"]{60,}"|/[(\[].{60,}/[a-z]*')
"""A message or an expression that cannot be broken: it does not count."""

needs_tsc = pytest.mark.skipif(
    not TSC.exists(), reason="needs tsc: npm install --no-package-lock"
)


def faults(text: str, *, is_view: bool) -> Iterator[str]:
    """What is wrong in a module, by line."""
    if not text.startswith("// @ts-check\n"):
        yield "1: does not begin with // @ts-check"
    rules = FORBIDDEN | (FORBIDDEN_IN_VIEWS if is_view else {})
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r"/\*.*?\*/|^\s*(?:\*|//|/\*).*", "", line)
        yield from (f"{number}: {w}" for r, w in rules.items() if re.search(r, code))
        if len(WHOLE.sub("", line)) > MOST_COLUMNS:
            yield f"{number}: is more than {MOST_COLUMNS} columns wide"


def test_every_module_keeps_the_rules() -> None:
    paths = [path for path in sources() if path.suffix == ".js"]
    assert len(paths) > 10
    found = [
        f"{path.relative_to(ROOT)}:{fault}"
        for path in paths
        for fault in faults(path.read_text("utf-8"), is_view=path.parent == VIEWS)
    ]
    assert not found, "\n".join(found)


@needs_tsc
def test_types_are_right() -> None:
    done = subprocess.run([TSC, "-p", "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@needs_tsc
def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    planted = "// @ts-check\n/** @type {number} */\nexport const a = 'b';\n"
    (tmp_path / "planted.js").write_text(planted)
    project = {"extends": str(ROOT / "tsconfig.json"), "include": ["planted.js"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(project))
    done = subprocess.run([TSC, "-p", tmp_path], capture_output=True, text=True)
    assert done.returncode != 0 and "planted.js" in done.stdout


def test_planted_faults_are_found() -> None:
    planted = (
        'html`<p style="color:red" onclick="go()">`;\n'
        "export default 1;\nexport * from './other.js';\n"
        "eval('1'); one.innerHTML = '<b>'; console.log(1);\n"
        'import { a } from "../lab/page/api.js";\nimport("./late.js");\n'
        "localStorage.at = 'https://example.org';\n"
    )
    told = [fault.partition(":")[0] for fault in faults(planted, is_view=True)]
    assert sorted(set(told)) == ["1", "2", "3", "4", "5", "6", "7"]
    assert len(told) == 3 + 1 + 1 + 3 + 1 + 2 + 2
    wide = "// @ts-check\n" + "a" * 111 + "\n"
    assert list(faults(wide, is_view=True)) == ["2: is more than 110 columns wide"]
    fine = (
        f'// @ts-check\nt("{"a " * 60}");\n'
        '// @ts-check\nhtml`<b .style=${"width:1px"} @click=${go}>`;\n'
        'import { a } from "./b.js";\nimport {\n  c,\n} from "./d.js";\n'
    )
    assert list(faults(fine, is_view=True)) == []
