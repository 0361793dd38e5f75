"""The process in which a file of one's own is imported: `python -m torchwork.capture.worker REQUEST ANSWER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from torchwork.capture.importing import Request, import_here
from torchwork.errors import TorchworkError


def main(request: str, answer: str) -> None:
    """Writes document and report, or an error in one sentence, to the file `answer`."""
    found: dict[str, Any]
    sys.argv[1:] = []  # the file must not find our words on its command line
    try:
        found = import_here(Request(**json.loads(request)))
    except TorchworkError as error:
        found = {"error": str(error)}
    Path(answer).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
