"""A PyTorch module out of a Python file that its own author names.

The file is run, as `python FILE` runs it and as nothing else in mirada is: it is the
user's program, given by its name on the user's command line. Weights and archives are
refused: PyTorch reads those with pickle, which runs whatever they hold (torch.export's
.pt2 archives too: `torch.export.load` unpickles the examples in them).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from mirada.errors import UsageError
from mirada.importing.building import Built
from mirada.importing.torch import network_of, require_module, require_torch
from mirada.near_names import did_you_mean
from mirada.network import Shape

__all__ = ["network_in_file"]

_PICKLED = (".pt", ".pth", ".pt2", ".pkl", ".pickle", ".ckpt", ".bin")
_MOST_LETTERS = 300


def network_in_file(spelled: str, input: Shape) -> Built:
    """The network that FILE.py:NAME spells, for images of one shape.

    NAME is a module, its class, or a function that returns one; neither is given
    arguments. What the file prints goes to stderr.

    Raises UsageError: `module-spelled`, `module-pickled`, `module-file-missing`,
    `module-file-failed`, `module-name-unknown`, `module-not-made`, and what
    `network_of` raises.
    """
    path, name = _parts(spelled)
    require_torch()
    with redirect_stdout(sys.stderr), _beside(path):
        found = _named(_run(path), name, path)
        module = _made(found, spelled)
        return network_of(module, input)


def _parts(spelled: str) -> tuple[Path, str]:
    file, _, name = spelled.rpartition(":")
    path = Path(file or spelled)
    if path.suffix in _PICKLED:
        raise UsageError(
            "module-pickled",
            "{file!r} holds weights or an archive, which PyTorch reads by running what "
            "it finds in it (pickle). Give the Python file that makes the module, as "
            "in model.py:Net; a function there may load the weights.",
            file=path.name,
        )
    if path.suffix != ".py" or not name.isidentifier():
        raise UsageError(
            "module-spelled",
            "A PyTorch module is given as FILE.py:NAME, the name of a module, a class "
            "or a function in that file; got {spelled!r}.",
            spelled=spelled[:200],
        )
    if not path.is_file():
        raise UsageError(
            "module-file-missing",
            "There is no file {file!r}. Give the Python file that makes the module.",
            file=str(path),
        )
    return path, name


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """The file's folder as the first place to import from, as `python FILE` has it.

    Nothing is written into it.
    """
    folder, writes_none = str(path.absolute().parent), sys.dont_write_bytecode
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_none
        sys.path.remove(folder)


def _run(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(
            "module-file-failed",
            "{file!r} ends with {error}. Run it with python first; what trains or "
            'tests belongs under if __name__ == "__main__".',
            file=str(path),
            error=_words(error),
        ) from error
    return module


def _named(module: ModuleType, name: str, path: Path) -> Any:
    names = [own for own in vars(module) if not own.startswith("__")]
    if name not in names:
        raise UsageError(
            "module-name-unknown",
            "{file!r} defines no {name!r}. Name a module, a class or a function that "
            "it defines. {hint}",
            file=str(path),
            name=name[:60],
            hint=did_you_mean(name, names),
        )
    return getattr(module, name)


def _made(found: Any, spelled: str) -> Any:
    """The torch.nn.Module itself, or what the class or the function makes."""
    is_instance = hasattr(found, "named_parameters") and not isinstance(found, type)
    if callable(found) and not is_instance:
        try:
            found = found()
        except (Exception, SystemExit) as error:
            raise UsageError(
                "module-not-made",
                "{spelled!r} makes no module when it is called without arguments: "
                "{error}. Name a function that returns the module.",
                spelled=spelled[:200],
                error=_words(error),
            ) from error
    require_module(found)
    return found


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip()}"[:_MOST_LETTERS]
