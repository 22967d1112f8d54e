"""Real images in: sources, the pixel policy, splits, augmentation and batches.

data = load("digits")
split = divide(data, seed=0)
preprocessing = Preprocessing.measured(data.images[split.train])
augmentation, reasons = choose_augmentation(data)
for batch in batches(epoch_order(split.train, seed=0, epoch=0), 64):
    images, labels = assemble(data, batch, preprocessing, augmentation)
"""

from mirada.data.augment import Augmentation
from mirada.data.automatic_augment import choose_augmentation
from mirada.data.batches import assemble, batches, epoch_order
from mirada.data.dataset import Dataset, Part, Skipped
from mirada.data.limits import Limits
from mirada.data.pixels import to_grey8, to_rgb8
from mirada.data.preprocessing import Preprocessing
from mirada.data.sources import load
from mirada.data.split import Split, divide
from mirada.data.split_file import read_split, write_split

__all__ = [
    "Augmentation",
    "Dataset",
    "Limits",
    "Part",
    "Preprocessing",
    "Skipped",
    "Split",
    "assemble",
    "batches",
    "choose_augmentation",
    "divide",
    "epoch_order",
    "load",
    "read_split",
    "to_grey8",
    "to_rgb8",
    "write_split",
]
