"""A run's console, piece by piece."""

from __future__ import annotations

from torchwork.serve.inside import inside, regular
from torchwork.serve.messages import ConsoleText
from torchwork.serve.workspace import Workspace

MOST = 256 << 10  # bytes at once: of a long console the end
NAME = "console.log"


def read(workspace: Workspace, run: str, offset: int) -> ConsoleText:
    """What stands behind byte `offset`; `restart` when the text does not follow what stood before it."""
    workspace.run(run)
    path = inside(workspace.root, NAME if run == "." else f"{run}/{NAME}")
    try:
        size = regular(path).st_size
        begin = offset if size - MOST <= offset <= size else max(size - MOST, 0)
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read(MOST)
    except OSError:  # a run of others has none, and ours not from its first moment on
        return ConsoleText(run=run, offset=0, text="", restart=offset > 0)
    restart = begin != offset
    if restart and begin:
        cut = data.find(b"\n") + 1  # a line that begins before is no line
        data, begin = data[cut:], begin + cut
    data = whole(data)
    text = data.decode("utf-8", "replace")
    return ConsoleText(run=run, begin=begin, offset=begin + len(data), text=text, restart=restart)


def before(workspace: Workspace, run: str, end: int) -> ConsoleText:
    """The part that ends at byte `end`, from the beginning of a line on; empty at the top."""
    workspace.run(run)
    path = inside(workspace.root, NAME if run == "." else f"{run}/{NAME}")
    try:
        end = max(0, min(end, regular(path).st_size))
        begin = max(end - MOST, 0)
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read(end - begin)
    except OSError:
        return ConsoleText(run=run, offset=0, text="")
    cut = data.find(b"\n", 0, -1) + 1 if begin else 0  # a line that is longer than all this comes in pieces
    return ConsoleText(run=run, begin=begin + cut, offset=end, text=data[cut:].decode("utf-8", "replace"))


def whole(data: bytes) -> bytes:
    """Without the beginning of a character at the end: the rest of it is still to come."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:  # the first byte of a character of `length` bytes
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-back] if length > back else data
        if byte < 0x80:
            break
    return data
