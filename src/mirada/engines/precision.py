"""What convolutions are computed with, refused where it makes no sense or no speed."""

from mirada.compiler.bfloat import has_dot_products
from mirada.compiler.target import Target
from mirada.compiler.targets import PRECISIONS
from mirada.errors import UsageError

__all__ = ["checked_precision"]


def checked_precision(precision: str, exact: bool, target: Target | None = None) -> str:
    """The precision, if it is known, goes with `exact` and gains on the target.

    Without a target, where PyTorch multiplies, nothing is asked of the processor.

    >>> from mirada.compiler.target import target
    >>> checked_precision("float32", True, target("x86-64-v2"))
    'float32'
    """
    if precision not in PRECISIONS:
        raise UsageError(
            "precision-unknown",
            "The precision {precision!r} is not known. It must be one of: {names}. "
            "Choose one of these; 'float32' works everywhere.",
            precision=precision,
            names=", ".join(PRECISIONS),
        )
    if precision == "bf16" and exact:
        raise UsageError(
            "precision-exact",
            "The precision {precision!r} rounds what convolutions read, and exact "
            "convolutions were asked for. Only one of both is possible: leave one out.",
            precision=precision,
        )
    if precision == "bf16" and target and not has_dot_products(target):
        raise UsageError(
            "precision-target",
            "The precision {precision!r} needs a processor that multiplies bfloat16 "
            "numbers itself (AVX512-BF16); the target {name!r} does not. It would be "
            "slower than 'float32': use that.",
            precision=precision,
            name=target.name,
        )
    return precision
