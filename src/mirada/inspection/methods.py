"""The names of the ways to ask why a network answers as it does."""

__all__ = ["METHODS"]

METHODS = (
    "saliency",
    "integrated-gradients",
    "grad-cam",
    "grad-cam++",
    "layer-cam",
    "occlusion",
    "rise",
)
