"""Real images in: sources, the pixel policy, splits, augmentation and batches.

From files to what a network gets:

    data = load("digits")
    split = divide(data, seed=0)
    preprocessing = Preprocessing.measured(data.images[split.train])
    augmentation, reasons = choose_augmentation(data)
    for batch in batches(epoch_order(split.train, seed=0, epoch=0), 64):
        ready = assemble(data, batch, preprocessing, augmentation)
"""

from mirada.data.augment import Augmentation
from mirada.data.automatic_augment import choose_augmentation
from mirada.data.batches import Batch, assemble, batches, epoch_order
from mirada.data.dataset import Dataset, Part, Skipped
from mirada.data.limits import Limits
from mirada.data.pixels import to_grey8, to_rgb8
from mirada.data.preprocessing import Preprocessing
from mirada.data.report import DataReport, quick_warnings, report_on
from mirada.data.sources import load
from mirada.data.split import Split, divide
from mirada.data.split_file import read_split, write_split
from mirada.data.warning import DataWarning

__all__ = [
    "Augmentation",
    "Batch",
    "DataReport",
    "DataWarning",
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
    "quick_warnings",
    "read_split",
    "report_on",
    "to_grey8",
    "to_rgb8",
    "write_split",
]
