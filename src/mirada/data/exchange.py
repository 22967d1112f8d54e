"""How a decoder process and whoever asks it talk, over two pipes.

A request is a length, so many bytes of JSON (`do`: "decode", "probe" or "examine";
`images`: for each a path, or a name and a number of bytes), then the bytes of the
images that are no files. An answer is a head and so many bytes: the pixels (or the
record of an examination), or a refusal.
"""

import struct

__all__ = ["HEAD", "LENGTH"]

LENGTH = struct.Struct("<Q")
HEAD = struct.Struct("<cQIII")
"""Kind (R ready, P pixels, H header, N no), length, height, width, channels."""
