"""Folders of photos to augmented batches: mirada and PyTorch's usual way."""
