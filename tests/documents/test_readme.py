"""What the READMEs show is what happens."""

import re
import tomllib
from pathlib import Path

import pytest

from mirada.errors import ShapeError
from mirada.network.file import from_toml

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.es.md")


def blocks(readme: str, language: str) -> list[str]:
    """The fenced blocks of a language in a README."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("readme", READMES)
def test_the_network_file_of_the_readme_is_a_network(readme: str) -> None:
    (text,) = blocks(readme, "toml")
    network = from_toml(text).network
    assert network.name == "lenet5" and network.output == (10,)


@pytest.mark.parametrize("readme", READMES)
def test_the_python_of_the_readme_runs(
    readme: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "cache"))
    (code,) = blocks(readme, "python")
    assert len(code.strip().splitlines()) <= 10
    exec(compile(code, readme, "exec"), {})
    parameters, answers = capsys.readouterr().out.splitlines()
    assert parameters == "2730"
    assert float(answers.split()[0]) > 0.9


def test_the_refusal_of_the_readme_is_what_is_said() -> None:
    description = (
        'input = "1x8x8"\nlayers = ["conv 6 5x5", "maxpool 2",\n'
        '"conv 6 5x5", "flatten", "linear 10"]'
    )
    with pytest.raises(ShapeError) as caught:
        from_toml(description)
    shown = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert " ".join(str(caught.value).split()) in shown


@pytest.mark.parametrize("readme", READMES)
def test_links_and_pictures_of_the_readme_lead_somewhere(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(targets) > 5
    for target in targets:
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("readme", READMES)
def test_both_readmes_name_the_same_commands(readme: str) -> None:
    def commands(name: str) -> list[list[str]]:
        text = (ROOT / name).read_text(encoding="utf-8")
        lines = re.findall(r"^    ((?:python|mirada) .*)$", text, re.MULTILINE)
        return [line.split("#")[0].split()[:3] for line in lines]

    assert [c[:2] for c in commands(readme)] == [c[:2] for c in commands(READMES[0])]


def test_the_package_says_what_the_readme_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "Apache-2.0"
