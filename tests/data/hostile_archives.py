"""Archives made to do harm, each with what must come of it.

The outcomes were decided by what a person would want, not taken from what the code
does: an archive that two programs would read differently, or that is not whole, is
refused; a single entry that cannot be an image is left out with its reason; a name is
only a name, since nothing is ever written.
"""

from tests.data.hostile_tars import BROKEN_TARS, KINDS, NAMES
from tests.data.hostile_zips import ZIPS

__all__ = ["HOSTILE"]

HOSTILE = (*NAMES, *KINDS, *BROKEN_TARS, *ZIPS)
