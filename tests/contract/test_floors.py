"""A room imports only from beneath; every optional package has one door."""

import ast
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.tree import ROOT, module_trees

DOORS = {
    "torch": (
        "src/mirada/engines/torch/",
        "src/mirada/export/torch.py",
        "src/mirada/importing/torch.py",
    ),
    "onnx": ("src/mirada/export/onnx.py", "src/mirada/importing/onnx.py"),
    "sklearn": ("src/mirada/estimator.py",),
    "optuna": ("src/mirada/training/tune_optuna.py",),
    "pyarrow": ("src/mirada/data/parquet.py",),
    "datasets": ("src/mirada/data/hub.py",),
    "mlflow": ("src/mirada/training/loggers/mlflow.py",),
    "trackio": ("src/mirada/training/loggers/trackio.py",),
    "wandb": ("src/mirada/training/loggers/wandb.py",),
    "llvmlite": ("src/mirada/compiler/",),
    "onnxruntime": ("src/mirada/export/onnx.py",),
    "PIL": ("src/mirada/data/",),
    "rich": ("src/mirada/cli/",),
    "click": ("src/mirada/cli/",),
    "starlette": ("src/mirada/lab/",),
    "uvicorn": ("src/mirada/lab/",),
    "anywidget": ("src/mirada/notebook/widget.py",),
}
"""Where each package may be imported; llvmlite and what follows it are always there."""

ROOMS = (
    *("cli", "views", "training", "engines", "compiler", "analysis", "reference"),
    *("models", "data", "network", "errors", "language", "randomness", "version"),
    *("estimator", "inspection", "mixing", "near_names", "private_folder"),
    *("lab", "notebook", "tasks", "export", "importing", "talk"),
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter with the configuration in `folder`, on its `mirada`."""
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    return subprocess.run(
        [str(program), "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.fspath(folder)},
        capture_output=True,
        text=True,
    )


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and top-level name of every absolute import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name.split(".")[0]) for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


def wrong_doors(path: str, tree: ast.Module) -> Iterator[str]:
    """The imports of a file that belong behind another door."""
    for line, name in imported(tree):
        if name in DOORS and not path.startswith(DOORS[name] or ("nowhere",)):
            yield f"{path}:{line} imports {name}"


def test_the_floors_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_one_door() -> None:
    found = [x for p, t in module_trees().items() for x in wrong_doors(p, t)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("room", "line", "broken"),
    [
        ("compiler", "from mirada import reference", "compiler never imports"),
        ("network", "import mirada.analysis", "floors beneath"),
        ("models", "import mirada.data", "floors beneath"),
        ("network", "import numpy", "standard library only"),
    ],
)
def test_planted_imports_are_found(
    tmp_path: Path, room: str, line: str, broken: str
) -> None:
    for name in ROOMS:
        folder = tmp_path / "mirada" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (tmp_path / "mirada" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert lint_imports(tmp_path).returncode == 0
    (tmp_path / "mirada" / room / "__init__.py").write_text(line)
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    reported = [x for x in done.stdout.splitlines() if x.endswith("BROKEN")]
    assert any(broken in x for x in reported), done.stdout


def test_a_planted_door_is_found() -> None:
    tree = ast.parse("def load():\n    import torch.nn\n")
    path = "src/mirada/training/loop.py"
    assert list(wrong_doors(path, tree)) == [f"{path}:2 imports torch"]
    assert list(wrong_doors("src/mirada/engines/torch/linear.py", tree)) == []
