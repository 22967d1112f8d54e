"""Engines: the same network computed in different ways, behind one contract."""

import os
from importlib.util import find_spec

from mirada.engines.engine import Arrays, Engine, StepResult
from mirada.engines.group import ALONE, Group, is_launched
from mirada.errors import UnsupportedError, UsageError
from mirada.network import Network, Recipe

__all__ = [
    "ENGINES",
    "ISA",
    "Arrays",
    "Engine",
    "StepResult",
    "asked_device",
    "asked_isa",
    "create",
    "joined",
    "require_compiling",
    "torch_devices",
]

ENGINES = ("native", "reference", "torch")
ISA = "MIRADA_ISA"
"""The environment's word on which processor machine code is made for."""


def asked_isa(name: str, isa: str | None = None) -> str:
    """The processor an engine is made for: what is asked, else $MIRADA_ISA, else this.

    The reference is made for none: there the environment says nothing.

    >>> asked_isa("native", "x86-64-v3"), asked_isa("reference")
    ('x86-64-v3', 'native')
    """
    environment = os.environ.get(ISA, "") if name == "native" else ""
    return isa or environment or "native"


def joined() -> Group:
    """The processes that a launcher as torchrun started together, this one of them.

    Alone where none did. Raises GroupError (`rank-lost`), UnsupportedError
    (`torch-missing`).

    >>> joined().size
    1
    """
    if not is_launched():
        return ALONE
    _require_torch()
    from mirada.engines.torch.group import TorchGroup

    return TorchGroup()


def asked_device(name: str, device: str | None = None) -> str:
    """The device an engine computes on: what is asked, else the best it can.

    Raises UsageError (`engine-without-device`, `device-unknown`, `device-missing`),
    UnsupportedError (`torch-missing`).

    >>> asked_device("native")
    'cpu'
    """
    if name == "torch":
        _require_torch()
        from mirada.engines.torch.device import chosen

        return str(chosen(device))
    if device not in (None, "cpu"):
        raise UsageError(
            "engine-without-device",
            "The {name} engine computes on the processor, so it takes no device "
            "{device!r}. Leave it out, or use the torch engine: --engine torch.",
            name=name,
            device=device,
        )
    return "cpu"


def require_compiling(name: str, compiled: bool | None) -> None:
    """Refuses to have PyTorch compile what another engine does.

    Raises UsageError (`engine-without-compile`).
    """
    if compiled and name in ("native", "reference"):
        raise UsageError(
            "engine-without-compile",
            "The {name} engine lets PyTorch compile nothing, so --compile is not for "
            "it. Leave it out, or use the torch engine: --engine torch.",
            name=name,
        )


def torch_devices() -> tuple[str, ...]:
    """The devices that the torch engine can compute on here; none without PyTorch."""
    if find_spec("torch") is None:
        return ()
    from mirada.engines.torch.device import available

    return available()


def create(
    name: str,
    network: Network,
    recipe: Recipe,
    threads: int | None = None,
    *,
    isa: str | None = None,
    exact: bool = False,
    precision: str = "float32",
    trains: bool = True,
    device: str | None = None,
    compiled: bool = False,
    group: Group = ALONE,
) -> Engine:
    """The engine called `name`; `threads` None takes every core.

    `isa` names the processor that machine code is made for (see `asked_isa`), one
    that this computer can run; `exact` computes every convolution by its definition,
    as the reference always does; `precision` "bf16" multiplies bfloat16 numbers, which
    the reference never does. With `trains` memory for training is proved to be there
    now, else when it is asked for. `device` is as in `asked_device`; `compiled` has
    PyTorch compile training steps; of a `group` each makes one. Raises UsageError
    (`engine-unknown`, `engine-alone`, `engine-without-isa`, `precision-unknown`,
    `precision-exact`, `precision-target`, those of what it asks and the target).

    >>> from mirada.network import Linear
    >>> tiny = Network("tiny", (3,), (Linear(2),))
    >>> type(create("reference", tiny, Recipe())).__name__
    'ReferenceEngine'
    """
    _refuse_many(name, group)
    _refuse_isa(name, isa)
    require_compiling(name, compiled)
    # Each engine is imported when it is wanted: LLVM takes a while to load.
    where = asked_device(name, device) if name in ENGINES else ""
    if name == "native":
        from mirada.compiler.target import require_here, target
        from mirada.engines.native import NativeEngine

        wanted = target(asked_isa(name, isa))
        require_here(wanted)
        return NativeEngine(network, recipe, threads, wanted, exact, precision, trains)
    if name == "reference":
        from mirada.engines.memory import refuse_beyond
        from mirada.engines.reference import ReferenceEngine

        if trains:
            refuse_beyond(network, recipe, engine=name)
        return ReferenceEngine(network, recipe)
    if name == "torch":
        from mirada.engines.torch import TorchEngine

        how = threads, where, exact, precision, compiled, trains, group
        return TorchEngine(network, recipe, *how)
    raise UsageError(
        "engine-unknown",
        "There is no engine {name!r}; there are {known}.",
        name=name,
        known=", ".join(ENGINES),
    )


def _require_torch() -> None:
    if find_spec("torch") is None:
        raise UnsupportedError(
            "torch-missing",
            "The torch engine needs PyTorch, which is not installed. Install it with: "
            "pip install 'mirada[torch]'.",
        )


def _refuse_many(name: str, group: Group) -> None:
    if group.size > 1 and name != "torch":
        raise UsageError(
            "engine-alone",
            "{count} processes were started to train together, which the {name} engine "
            "does not do: --engine torch is needed. Or leave out torchrun.",
            count=group.size,
            name=name,
        )


def _refuse_isa(name: str, isa: str | None) -> None:
    if name in ("reference", "torch") and asked_isa(name, isa) != "native":
        raise UsageError(
            "engine-without-isa",
            "The {name} engine makes no machine code, so it takes no isa; got "
            "{isa!r}. Leave it out, or use the native engine.",
            name=name,
            isa=isa,
        )
