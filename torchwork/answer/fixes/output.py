"""What the model gives does not fit what the data want."""

from __future__ import annotations

from collections.abc import Iterator

from torchwork.answer.fixes.trouble import Fix, Trouble
from torchwork.answer.levels import parts_of
from torchwork.draw import Sheet, SheetNode
from torchwork.draw.edit import Add, SetNode
from torchwork.graph import TensorSpec

WIDTHS = ("out_features", "out_channels")
"""arguments that say how many numbers a layer gives for a sample"""


def output_fixes(trouble: Trouble) -> Iterator[Fix]:
    """As many outputs as there are classes, each one number."""
    resolved = trouble.found.resolved
    if trouble.problem.path != "model" or resolved is None or not trouble.classes or trouble.sheet is None:
        return
    output, giver = resolved.output, _giver(trouble, trouble.sheet)
    if giver is None or not isinstance(output, TensorSpec) or len(output.shape) < 2:
        return
    sheet, node, width = giver
    if len(output.shape) > 2 and width == "out_features":
        edits = [Add(level=sheet.name, part="Flatten", sources=[node.sources[0]], feeds=[(node.name, 0)])]
        unset = [SetNode(level=sheet.name, node=node.name, unset=["in_features"])] if "in_features" in node.args else []
        yield Fix(f"insert Flatten before {node.name}", (*edits, *unset))
    elif output.shape[1] != trouble.classes:
        edit = SetNode(level=sheet.name, node=node.name, args={width: "classes"})
        yield Fix(f"set {width} of {node.name} to classes", (edit,))


def answering(sheet: Sheet) -> SheetNode | None:
    """The node whose value a level returns first."""
    name = parts_of(sheet.outputs[0])[0] if sheet.outputs else ""
    return next((node for node in sheet.nodes if node.name == name), None)


def _giver(trouble: Trouble, sheet: Sheet) -> tuple[Sheet, SheetNode, str] | None:
    """The last layer that decides how many numbers come out, inside definitions that are used once."""
    node = answering(sheet)
    for _ in sheet.nodes:
        if node is None:
            return None
        meaning = trouble.meanings.of(node, sheet)
        if meaning.kind == "module" and meaning.sheet is not None:
            once = len(trouble.found.instances.get(meaning.type, ())) == 1
            return _giver(trouble, meaning.sheet) if once else None
        width = next((name for name in WIDTHS if meaning.entry and meaning.entry.argument(name)), "")
        if width:
            return (sheet, node, width) if not node.use and node.sources else None
        before = parts_of(node.sources[0])[0] if node.sources else ""
        node = next((item for item in sheet.nodes if item.name == before), None)
    return None
