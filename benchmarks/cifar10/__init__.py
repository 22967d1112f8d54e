"""CIFAR-10 as fast as it goes: mirada and plain PyTorch on one network and recipe."""
