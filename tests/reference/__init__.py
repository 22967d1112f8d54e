"""The law: hand-worked numbers, algebra, slopes, and PyTorch's word."""
