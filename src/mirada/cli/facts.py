"""What `mirada doctor` finds: versions, this computer, folders, and every limit."""

import platform
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from mirada.cli.output import bytes_text, count_text
from mirada.compiler.cache import cache_folder
from mirada.compiler.target import cores, host
from mirada.data.limits import Limits, available_bytes
from mirada.data.pixel_cache import PixelCache
from mirada.engines import torch_devices
from mirada.language import current_language, translate
from mirada.version import __version__

__all__ = ["Fact", "facts"]

_PACKAGES = ("numpy", "llvmlite", "pillow", "safetensors", "click", "rich")
_OPTIONAL = (
    *("torch", "scikit-learn", "optuna", "pyarrow", "datasets"),
    *("mlflow", "wandb", "trackio"),
)


class Fact(NamedTuple):
    """Something that was found: a name for scripts, one for people, the value."""

    key: str
    name: str
    value: str


def facts() -> Iterator[Fact]:
    """All that there is to tell, in the order in which it is told."""
    yield Fact("mirada", "mirada", __version__)
    yield Fact("python", "python", platform.python_version())
    for package in _PACKAGES:
        yield Fact(package, package, _version(package))
    for package in _OPTIONAL:
        name = translate("{package} (optional)").format(package=package)
        yield Fact(package, name, _version(package))
    yield from _computer()
    devices = ", ".join(torch_devices()) or translate("none")
    yield Fact("torch_devices", translate("devices of the torch engine"), devices)
    limits = Limits()
    pixels = PixelCache(limits)
    yield Fact("cache", translate("compiled code"), _folder(cache_folder()))
    yield Fact("pixel_cache", translate("decoded images"), _folder(pixels.folder))
    yield Fact("language", translate("language"), current_language())
    yield from _limits(limits, pixels.most_bytes)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return translate("not installed")


def _computer() -> Iterator[Fact]:
    target = host()
    yield Fact("system", translate("system"), platform.platform())
    processor = f"{target.cpu} ({target.triple})"
    yield Fact("processor", translate("processor"), processor)
    text = translate("{lanes} numbers of 32 bits at a time, {count} vector registers")
    vector = text.format(lanes=target.lanes, count=target.registers)
    yield Fact("vector", translate("vector"), vector)
    yield Fact("cores", translate("cores"), str(cores()))
    yield Fact("memory", translate("free memory"), bytes_text(available_bytes()))


def _folder(folder: Path) -> str:
    """Where something is kept, and how much there is; nothing is made."""
    if not folder.is_dir():
        text = translate("{folder} (made when it is needed)")
        return text.format(folder=folder)
    sizes = [path.lstat().st_size for path in folder.iterdir() if path.is_file()]
    text = translate("{folder} ({count} files, {size})")
    size = bytes_text(sum(sizes))
    return text.format(folder=folder, count=count_text(len(sizes)), size=size)


def _limits(limits: Limits, cache_bytes: int) -> Iterator[Fact]:
    """The one table of what a source may cost: every field of `Limits`."""
    values = {field.name: getattr(limits, field.name) for field in fields(limits)}
    for name, value in (values | {"cache_bytes": cache_bytes}).items():
        if value is None:
            shown = translate("half of the free memory")
        elif name.endswith("_bytes"):
            shown = bytes_text(value)
        elif name.endswith("_seconds"):
            shown = f"{value:g} s"
        else:
            shown = count_text(value)
        yield Fact(f"limit_{name}", _limit_name(name), shown)


def _limit_name(name: str) -> str:
    return {
        "pixels": translate("most pixels of an image"),
        "file_bytes": translate("largest image file"),
        "files": translate("most files of a folder"),
        "dataset_bytes": translate("largest data set"),
        "image_seconds": translate("longest time to decode an image"),
        "image_bytes": translate("most memory to decode an image"),
        "cache_bytes": translate("most decoded images kept on disk"),
        "archive_bytes": translate("most that an archive may unpack to"),
        "archive_ratio": translate("most times its size that it may unpack to"),
    }[name]
