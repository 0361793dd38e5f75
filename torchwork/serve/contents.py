"""What tags a run has: curves, and everything else with its steps."""

from __future__ import annotations

from torchwork.record import Log, Tail
from torchwork.serve.listing import Folder
from torchwork.serve.messages import Contents, Items
from torchwork.serve.workspace import Workspace

SHOWN = frozenset({"histogram", "image", "audio", "text", "hparams", "pr_curves", "graph", "tensor"})
KERAS = "graph_keras_model"
OWN_LAYOUT = "custom_scalars__config__"
"""Which of our curves belong in one chart: the page does that by itself."""


def contents_of(workspace: Workspace, run: str) -> Contents:
    """The tags of a run as of now. NotFoundError when it is not there."""
    folder = workspace.listed(run)
    with workspace.reading(run) as tail:
        return contents(folder, tail)


def contents(folder: Folder, tail: Tail) -> Contents:
    """The tags of a run that is being read."""
    log = tail.log
    own = folder.info is not None
    again = sum(file.restarts for file in tail.files)
    items = [_items(log, tag, kind, again) for tag, kind in log.kinds.items() if not (own and tag == OWN_LAYOUT)]
    for kind, there in (("projector", folder.projector), ("profile", folder.profile)):
        items += [Items(tag=kind, kind=kind, shown=False, steps=[], times=[])] if there else []
    return Contents(run=folder.id, scalars=log.tags, items=items, problems=log.notes if folder.events else [])


def _items(log: Log, tag: str, kind: str, again: int) -> Items:
    found = log.items(tag)
    replaced = len(log.items(tag, "both")) - len(found)
    name = "graph" if kind == KERAS else kind
    return Items(
        tag=tag,
        kind=name,
        shown=name in SHOWN,
        steps=[item.step for item in found],
        times=[item.wall_time for item in found],
        version=replaced + (again << 20),
    )
