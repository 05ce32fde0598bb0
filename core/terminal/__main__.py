"""The terminal without main.py: ``python -m core.terminal``."""

import sys

from core.terminal import main

sys.exit(main(sys.argv[1:]))
