"""`python -m linkgap` is the command `linkgap`."""

import sys

from linkgap.cli import main

if __name__ == "__main__":
    sys.exit(main())
