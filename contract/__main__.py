"""`python -m contract` is the console script."""

import sys

from contract.cli import main

if __name__ == "__main__":
    sys.exit(main())
