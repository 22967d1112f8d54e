"""Training until 99 % of MNIST's test images are answered right, by three systems.

Each module is a program: `python -m benchmarks.to_99.<system> FOLDER SEED [NETWORK]`
reads `images.npy` (70000, 28, 28) uint8 and `labels.npy` (70000,) of the folder, trains
on the first 60,000, and prints one JSON object: the seconds from the images in memory
to the first epoch after which 99 % of the last 10,000 were right (null if that never
happened), the accuracy after each epoch, and how many images were seen.
"""
