"""`torchwork open`: the workbench in the browser."""

from __future__ import annotations

import argparse
import os


def open_(options: argparse.Namespace) -> None:
    """Opens the workbench of a folder in the browser; Ctrl-C ends the server, trainings go on."""
    from torchwork.serve import serve

    serve(
        options.folder,
        host=options.host,
        port=options.port,
        password=options.password or os.environ.get("TORCHWORK_PASSWORD", ""),
        browser=options.browser,
        say=lambda line: print(line, flush=True),
    )
