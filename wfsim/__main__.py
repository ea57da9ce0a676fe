"""`python -m wfsim` is the `wfsim` command."""

from __future__ import annotations

import sys

from wfsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
