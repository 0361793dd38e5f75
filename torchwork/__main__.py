"""`python -m torchwork` is the command `torchwork`."""

import sys

from torchwork.cli import process

sys.exit(process())
