"""`python -m mirada`: the command line."""

import sys

from mirada.cli import main

sys.exit(main())
