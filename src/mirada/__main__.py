"""`python -m mirada`: the command line."""

import sys

from mirada.cli import main

if __name__ == "__main__":
    sys.exit(main())
