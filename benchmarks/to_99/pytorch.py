"""PyTorch's example: Adadelta at 1, times 0.7 after each epoch, batches of 64.

Source: pytorch/examples, mnist/main.py: its network, its defaults, its 14 epochs, with
the images already in memory instead of read and normalised one by one.
"""

import os
import sys

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import StepLR

from benchmarks.to_99.watch import MEAN, STD, Clock, read

EPOCHS, BATCH, TEST_BATCH = 14, 64, 1000


class Net(nn.Module):
    """The example's network."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, images: Tensor) -> Tensor:
        """The logarithms of the probabilities, (n, 10)."""
        x = functional.relu(self.conv2(functional.relu(self.conv1(images))))
        x = torch.flatten(self.dropout1(functional.max_pool2d(x, 2)), 1)
        return functional.log_softmax(
            self.fc2(self.dropout2(functional.relu(self.fc1(x)))), dim=1
        )


def main(folder: str, seed: int) -> None:
    """Trains until the goal is reached, or the example's epochs are over."""
    torch.manual_seed(seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    found = read(folder)
    clock = Clock()
    images, test = (
        (torch.from_numpy(part[:, None].astype(np.float32) / 255) - MEAN) / STD
        for part in (found.train, found.test)
    )
    labels = torch.from_numpy(found.train_labels)
    truth = torch.from_numpy(found.test_labels)
    network = Net()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    schedule = StepLR(optimizer, step_size=1, gamma=0.7)
    for _ in range(EPOCHS):
        network.train()
        for chosen in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            functional.nll_loss(network(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        schedule.step()
        network.eval()
        with torch.no_grad():
            answers = [network(part).argmax(1) for part in test.split(TEST_BATCH)]
        if clock.is_there(float((torch.cat(answers) == truth).float().mean())):
            break
    clock.tell()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
