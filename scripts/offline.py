"""Runs a command where there is no network: `python -m scripts.offline pytest -q`.

It gets a network namespace of its own (Linux) that holds nothing but the loopback, so
whoever tries to reach out fails. Ends with the command's status, or with 7 where the
namespace can reach something after all.
"""

import fcntl
import os
import shutil
import socket
import struct
import sys

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_ELSEWHERE = ("192.0.2.1", 80)
"""Kept for documentation (RFC 5737): nobody is there."""


def main() -> None:
    """Enters the namespace by calling itself, then becomes the command."""
    words = sys.argv[1:]
    if not words:
        sys.exit(__doc__)
    if words[0] != "--inside":
        again = [sys.executable, "-m", "scripts.offline", "--inside", *words]
        if shutil.which("unshare") is None:
            sys.exit("offline: this needs 'unshare' of util-linux")
        owner = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.execvp("unshare", ["unshare", "--net", *owner, *again])
    raise_loopback()
    if can_reach_out():
        print("offline: there is a way out", file=sys.stderr)
        sys.exit(7)
    os.execvp(words[1], words[1:])


def raise_loopback() -> None:
    """Switches on the loopback, which a new namespace has off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(channel, _GET_FLAGS, request))[1]
        fcntl.ioctl(channel, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def can_reach_out() -> bool:
    """Whether the system knows a way to somewhere else; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        try:
            channel.connect(_ELSEWHERE)
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main()
