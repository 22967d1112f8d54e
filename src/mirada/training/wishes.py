"""What is asked of a run; what is left open is chosen by `resolve`."""

import os
from dataclasses import dataclass

from mirada.data import Augmentation
from mirada.network import Optimizer, Rate, Recipe, Schedule
from mirada.training.model import Model

__all__ = ["Wishes"]


@dataclass(frozen=True)
class Wishes:
    """What was asked for; None where nothing was.

    `recipe` is that of a description file; what else is given goes before it. A
    `patience` of 0 asks for no early end. `augment` is a text as in "crop 4, flip" or
    the value itself; "auto" or True choose one, "none" or False leave it out.
    `class_weights` is one number a class, "auto" or "none". `seconds` is how long
    training may take, `last_step` after how many steps it ends. `split` is a file to
    divide the images by; `folds` and `fold` are as in `data.divide`, `group_by` as in
    `data.split.groups_of`. `log` names programs that are told.

    `weights` is a model that training begins with, `weights_from` where it was; its
    head is drawn anew for other classes unless `keep_head`. `freeze` has patterns of
    names that do not learn (layers that are drawn anew always do), `rates` what others
    learn at.
    """

    recipe: Recipe | None = None
    epochs: int | None = None
    batch_size: int | None = None
    optimizer: Optimizer | None = None
    learning_rate: float | None = None
    schedule: Schedule | None = None
    seed: int | None = None
    gradient_clip: float | None = None
    ema: float | None = None
    smoothing: float | None = None
    class_weights: str | tuple[float, ...] | None = None
    augment: Augmentation | str | bool | None = None
    patience: int | None = None
    flips: bool | None = None
    seconds: float | None = None
    last_step: int | None = None
    engine: str | None = None
    isa: str | None = None
    exact: bool | None = None
    precision: str | None = None
    device: str | None = None
    compiled: bool | None = None
    threads: int | None = None
    validation: float | None = None
    test: float | None = None
    split: str | os.PathLike[str] | None = None
    group_by: str | None = None
    folds: int | None = None
    fold: int | None = None
    log: tuple[str, ...] | None = None
    weights: Model | None = None
    weights_from: str = ""
    keep_head: bool = False
    freeze: tuple[str, ...] | None = None
    rates: tuple[Rate, ...] | None = None
