"""The process in which code of one's own is imported: `python -m torchwork.capture.worker REQUEST ANSWER DEADLINE`."""

from __future__ import annotations

import faulthandler
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

from torchwork.capture.importing import WHERE, Request, import_here
from torchwork.errors import TorchworkError

MARGIN = 0.5
"""So many seconds before it is stopped it says where it is."""


def main(request: str, answer: str, deadline: str) -> None:
    """Writes document and report, or an error in one sentence, to the file `answer`; is stopped at `deadline`."""
    found: dict[str, Any]
    sys.argv[1:] = []  # the file must not find our words on its command line
    with Path(answer).with_suffix(WHERE).open("w") as where:
        faulthandler.dump_traceback_later(max(float(deadline) - time.time() - MARGIN, MARGIN), file=where)
        try:
            found = import_here(Request(**json.loads(request)))
        except TorchworkError as error:
            found = {"error": str(error)}
        faulthandler.cancel_dump_traceback_later()
    Path(answer).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
    gc.freeze()  # the end of the process does not look through all that torch has defined
