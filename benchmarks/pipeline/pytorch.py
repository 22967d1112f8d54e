"""PyTorch's usual way: a Dataset with PIL transforms in a DataLoader.

What torchvision's ImageFolder, RandomResizedCrop, RandomHorizontalFlip, ToTensor and
Normalize do, written out: the same calls of Pillow and torch, without torchvision.
"""

import math
import os
import random
import time
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.pipeline.work import AREA, ASPECT, BATCH, MEAN, STD, Asked, answer
from benchmarks.pipeline.work import epochs as timed

_TRIES = 10


class Photos(Dataset[Any]):
    """The images of a folder with one subfolder a class, decoded when asked for."""

    def __init__(self, folder: str, size: int) -> None:
        self.size = size
        self.files = [
            (file.path, label)
            for label, one in enumerate(sorted(os.scandir(folder), key=_name))
            for file in sorted(os.scandir(one.path), key=_name)
        ]
        self.mean = torch.tensor(MEAN).view(-1, 1, 1)
        self.std = torch.tensor(STD).view(-1, 1, 1)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        path, label = self.files[number]
        with open(path, "rb") as stream:
            image = Image.open(stream).convert("RGB")
        image = image.crop(_box(image.width, image.height))
        image = image.resize((self.size, self.size), Image.Resampling.BILINEAR)
        if torch.rand(1) < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(image, copy=True)).permute((2, 0, 1))
        ready = pixels.contiguous().to(torch.float32).div(255)
        return ready.sub_(self.mean).div_(self.std), label


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _box(width: int, height: int) -> tuple[int, int, int, int]:
    """A random box of a share of the area and of an aspect, within the image."""
    for _ in range(_TRIES):
        area = width * height * random.uniform(*AREA)
        aspect = math.exp(random.uniform(*map(math.log, ASPECT)))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.randint(0, width - w), random.randint(0, height - h)
            return left, top, left + w, top + h
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def main(asked: Asked) -> None:
    """Times the epochs; the first holds the listing of the folder."""
    began = time.perf_counter()
    loader = DataLoader(
        Photos(asked.folder, asked.size),
        batch_size=BATCH,
        shuffle=True,
        num_workers=asked.workers,
        persistent_workers=asked.workers > 0,
    )
    answer(*timed(began, asked, lambda number: loader))


if __name__ == "__main__":
    main(Asked.from_arguments())
