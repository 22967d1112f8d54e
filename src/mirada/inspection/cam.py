"""Class activation maps: the maps of one layer, weighed by what they do to the score.

A(k, y, x) are the maps of the layer, G(k, y, x) = dS/dA the gradients of the score. The
sum over the maps is cut at zero: only what speaks for the class is kept. Each function
gives it at the layer's own size, (h, w); `enlarge.enlarged` brings it to the image's.
"""

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.question import Question

__all__ = ["grad_cam", "grad_cam_plus_plus", "layer_cam"]

Doubles = NDArray[np.float64]


def grad_cam(question: Question, layer: str) -> Doubles:
    """ReLU(sum over k of w(k) A(k)), w(k) the mean of G(k) over its places.

    Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
    gradient-based localization", ICCV 2017, equations 1 and 2, arXiv 1610.02391.
    """
    maps, slopes = _asked(question, layer)
    weights = slopes.mean(axis=(1, 2))
    return _weighed(maps, weights[:, None, None])


def grad_cam_plus_plus(question: Question, layer: str) -> Doubles:
    """ReLU(sum over k of w(k) A(k)), weights from the places that raise the score.

        w(k) = sum over places of a(k, y, x) ReLU(G(k, y, x))
        a(k, y, x) = G^2 / (2 G^2 + G^3 * sum over places of A(k)), 0 where G is 0

    The paper takes exp(S) as the score, whose higher derivatives in a network of ReLUs
    are powers of G; the factor exp(S) is common to all weights and left out.

    Source: Chattopadhay et al., "Grad-CAM++: generalized gradient-based visual
    explanations for deep convolutional networks", WACV 2018, equations 10 to 19, arXiv
    1710.11063.
    """
    maps, slopes = _asked(question, layer)
    sums = maps.sum(axis=(1, 2), keepdims=True)
    below = 2 * slopes**2 + sums * slopes**3
    shares = np.divide(slopes**2, below, out=np.zeros_like(below), where=below != 0)
    weights = (shares * np.maximum(slopes, 0.0)).sum(axis=(1, 2))
    return _weighed(maps, weights[:, None, None])


def layer_cam(question: Question, layer: str) -> Doubles:
    """ReLU(sum over k of ReLU(G(k)) A(k)): every place has its own weight.

    Source: Jiang et al., "LayerCAM: exploring hierarchical class activation maps for
    localization", IEEE Transactions on Image Processing 30 (2021), equations 5 to 7.
    """
    maps, slopes = _asked(question, layer)
    return _weighed(maps, np.maximum(slopes, 0.0))


def _asked(question: Question, layer: str) -> tuple[Doubles, Doubles]:
    """The maps of the layer and the gradients by them, both (k, h, w)."""
    slopes = question.gradients(question.image)[layer][0]
    return question.maps(layer), slopes.astype(np.float64)


def _weighed(maps: Doubles, weights: Doubles) -> Doubles:
    found: Doubles = np.maximum((weights * maps).sum(axis=0), 0.0)
    return found
