"""JavaScript of the package run by Node, so that what it computes can be compared."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import mirada

__all__ = ["run_module"]

_PACKAGE = Path(mirada.__file__).parent
_PATIENCE_S = 120.0


def run_module(path: str | list[str], body: str, given: object) -> Any:
    """What `body` returns, in which `it` is the module at `path` and `given` is given.

    Of several paths `it` has what all of them export.

    `speak` sets the language. Skips the test where there is no Node.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node: apt-get install nodejs")
    paths = [path] if isinstance(path, str) else path
    *modules, language = (
        json.dumps((_PACKAGE / name).as_uri()) for name in (*paths, "views/language.js")
    )
    parts = ", ".join(f"...await import({module})" for module in modules)
    script = (
        f"const it = {{ {parts} }};\n"
        f"import {{ speak }} from {language};\n"
        'import { readFileSync } from "node:fs";\n'
        'const given = JSON.parse(readFileSync(0, "utf8"));\n'
        f"const found = (() => {{ {body} }})();\n"
        "process.stdout.write(JSON.stringify(found));\n"
    )
    done = subprocess.run(
        [node, "--input-type=module", "--eval", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
