"""The shell: commands found and loaded, help in two languages, start-up."""

import importlib
import subprocess
import sys

import pytest

from mirada.cli.shell import shell
from mirada.cli.table import COMMANDS, module_of
from mirada.errors import UsageError
from mirada.language import use_language
from mirada.version import __version__
from tests.cli.calling import Caller, started
from tests.refusal import refuses

HEAVY = ("numpy", "rich", "llvmlite", "PIL", "safetensors")


def test_the_version(call: Caller) -> None:
    assert call("--version") == (0, f"mirada {__version__}\n", "")
    assert call("--lang", "es", "--version").out == f"mirada {__version__}\n"


def test_the_module_runs() -> None:
    ended = started("--version")
    assert (ended.returncode, ended.stdout) == (0, f"mirada {__version__}\n")


def test_help_names_every_command(call: Caller) -> None:
    called = call("--help")
    assert called.code == 0 and called.err == ""
    assert all(f"\n  {name} " in called.out for name in COMMANDS)


def test_no_command_is_a_usage_error(call: Caller) -> None:
    called = call()
    assert called.code == 2 and called.out == ""
    assert "Usage: mirada" in called.err


def test_an_unknown_command_is_refused_with_the_nearest(call: Caller) -> None:
    called = call("sumary", "lenet5")
    assert called.code == 2
    assert "Error [command-unknown]" in called.err
    assert "Did you mean summary?" in called.err
    with refuses(UsageError, "command-unknown", "there are summary, explain"):
        shell.main(["zzz"], standalone_mode=False)


def test_an_unknown_option_is_refused_with_the_nearest(call: Caller) -> None:
    called = call("size", "5", "--kernal", "3")
    assert called.code == 2
    assert "--kernal" in called.err and "--kernel" in called.err.split("--kernal")[1]


def test_help_is_in_the_language_asked_for(call: Caller) -> None:
    english, spanish = call("size", "--help").out, call("size", "--help", "lang=es").out
    assert english.startswith("Usage:") and spanish.startswith("Uso:")
    assert "Opciones:" in spanish
    assert call("size", "--help").out == english


def test_the_locale_chooses_the_language(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_language(None)
    monkeypatch.setenv("MIRADA_LANG", "es_CL.UTF-8")
    assert call("--help").out.startswith("Uso:")
    monkeypatch.setenv("MIRADA_LANG", "en")
    assert call("--help").out.startswith("Usage:")


def test_an_unknown_language_is_refused(call: Caller) -> None:
    called = call("--lang", "fr", "size", "5")
    assert called.code == 2 and "'fr'" in called.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_there_has_help_that_ends_in_examples(
    call: Caller, name: str
) -> None:
    command = importlib.import_module(module_of(name)).command
    called = call(name, "--help")
    assert called.code == 0
    assert str(COMMANDS[name]) in " ".join(called.out.split())
    assert called.out.rstrip().endswith(command.examples[-1])
    assert command.examples


@pytest.mark.parametrize("instruction", ["bash_source", "zsh_source", "fish_source"])
def test_shells_can_complete(instruction: str) -> None:
    ended = started(environment={"_MIRADA_COMPLETE": instruction})
    assert ended.returncode == 0 and "_MIRADA_COMPLETE" in ended.stdout


def test_commands_and_networks_complete() -> None:
    words = {"_MIRADA_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    ended = started(environment={**words, "COMP_WORDS": "mirada su"})
    assert ended.stdout.split() == ["plain,summary"]
    words["COMP_CWORD"] = "2"
    ended = started(environment={**words, "COMP_WORDS": "mirada summary resnet5"})
    assert ended.stdout.split() == [
        "plain,resnet50",
        "plain,resnet50_v1",
        "file,resnet5",
    ]


@pytest.mark.parametrize(
    "words", ["--version", "--help", "summary lenet5", "size 5 --kernel 3"]
)
def test_light_commands_load_nothing_heavy(words: str) -> None:
    code = (
        "import sys; from mirada.cli import main; "
        f"assert main({words.split()}) == 0; "
        f"sys.exit(', '.join(set({HEAVY}) & set(sys.modules)) or None)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_the_version_does_not_even_load_click() -> None:
    code = (
        "import sys; from mirada.cli import main; main(['--version']); "
        "sys.exit('click' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_an_encoding_does_not_have_is_a_question_mark() -> None:
    ended = started("size", "--help", environment={"PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 0
