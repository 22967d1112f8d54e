"""Named rewrites of kernels: the same results, another order or another form."""

from mirada.compiler.passes.deal import deal
from mirada.compiler.passes.inline import inline
from mirada.compiler.passes.jam import jam
from mirada.compiler.passes.paired import paired
from mirada.compiler.passes.tile import tile, unroll
from mirada.compiler.passes.vectorize import vectorize

__all__ = ["deal", "inline", "jam", "paired", "tile", "unroll", "vectorize"]
