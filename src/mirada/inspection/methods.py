"""The ways to ask why a network answers as it does, and what each of them says."""

from mirada.errors import Phrase

__all__ = ["ABOUT", "CAMS", "METHODS", "SIGNED"]

METHODS = (
    "saliency",
    "integrated-gradients",
    "grad-cam",
    "grad-cam++",
    "layer-cam",
    "occlusion",
    "rise",
)
"""The names of all methods, those that look at gradients first."""

CAMS = ("grad-cam", "grad-cam++", "layer-cam")
"""Those that weigh the maps of one layer."""

SIGNED = ("integrated-gradients", "occlusion")
"""Those whose maps also say what speaks against the class, as negative numbers."""

ABOUT = {
    "saliency": Phrase(
        "How much the score changes when one pixel changes a little: the size of its "
        "gradient. It says what the score is sensitive to, not what speaks for it."
    ),
    "integrated-gradients": Phrase(
        "The image is faded in from its mean colour, and each pixel is credited with "
        "what it added to the score on the way: the credits add up to the whole "
        "difference. Negative credit speaks against the class."
    ),
    "grad-cam": Phrase(
        "The maps of one layer are added up, each weighed by its mean gradient: by how "
        "much the score grows when that map grows. What is left above zero speaks for "
        "the class."
    ),
    "grad-cam++": Phrase(
        "As Grad-CAM, but each map is weighed by the places where it raises the score, "
        "so that several objects of the class all count."
    ),
    "layer-cam": Phrase(
        "As Grad-CAM, but every place of every map is weighed by its own gradient, so "
        "that finer maps of earlier layers can be used too."
    ),
    "occlusion": Phrase(
        "A patch of the mean colour is slid over the image. Where covering it lowers "
        "the score, that part spoke for the class; where it raises the score, against."
    ),
    "rise": Phrase(
        "The image is seen through many random masks. A pixel's number is the mean "
        "probability of the class when that pixel can be seen. Nothing inside the "
        "network is used."
    ),
}
"""Each method in plain words."""
