"""What is installed and what is handed on: all that the page and its checks need."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.contract.tree import ROOT

PAGE = {".js", ".css", ".html", ".svg"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution of what is here."""
    folder = tmp_path_factory.mktemp("packages")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_has_the_page_and_the_licenses_of_others(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    here = (ROOT / "src/mirada").rglob("*")
    wanted = {
        path.relative_to(ROOT / "src").as_posix()
        for path in here
        if path.suffix in PAGE or path.name.startswith("LICENSE")
    }
    assert len(wanted) > 100 and wanted <= names
    assert "mirada/views/vendor/LICENSE.lit-html.txt" in names
    assert "mirada/locale/es/LC_MESSAGES/mirada.mo" in names


def test_the_sources_have_what_checks_them(built: Path) -> None:
    (sources,) = built.glob("*.tar.gz")
    with tarfile.open(sources) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"package.json", "tsconfig.json", "conftest.py", "tests/browser.py"}
    assert wanted | {"src/mirada/lab/page/lab.js"} <= names
