"""A decoder process that fails where the name of an image says so.

It is the real one (`mirada.data.decoder`) with a `decode` that does what hostile images
do to real decoders: it crashes, hangs, takes memory without end, says what it should
not, or harms the process so that the image after it crashes.
"""

import os
import signal
import sys
import time
from typing import Any

from mirada.data import decoder, decoding
from mirada.data.encoded import Content

sound = decoding.decode
harmed: list[str] = []


def failing(image: Any, *given: Any, **named: Any) -> Any:
    """As `decoding.decode`, but for images whose name tells what to do instead."""
    path = image.name if isinstance(image, Content) else image
    name = os.path.basename(path)
    if "segfault" in name or harmed:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "abort" in name:
        os.abort()
    if "exit" in name:
        os._exit(3)
    if "hang" in name:
        time.sleep(1000)
    if "memory" in name:
        return bytearray(2**30)
    if "interrupt" in name:
        os.kill(os.getpid(), signal.SIGINT)
    if "print" in name:
        os.write(1, b"a library says something")
    if "lie" in name:
        for descriptor in range(3, 10):
            if descriptor_is_pipe(descriptor):
                os.write(descriptor, b"P" + b"\xff" * 40)
    if "harm" in name:
        harmed.append(name)
    return sound(image, *given, **named)


def descriptor_is_pipe(descriptor: int) -> bool:
    """Whether it is the end of a pipe that can be written to."""
    try:
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_WRONLY != 0
    except OSError:
        return False


if __name__ == "__main__":
    if "--never" in sys.argv:
        sys.exit(7)
    vars(decoder)["decode"] = failing
    decoder.main()
