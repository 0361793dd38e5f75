"""How a script reads a source of data: the expression that gives each of its splits, and the recipes for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.code.constructing import Text, construction
from torchwork.code.data import recipes
from torchwork.code.text import literal, wrap
from torchwork.data.attached import IGNORED, with_mask
from torchwork.data.pictures import header_mode
from torchwork.data.samples import Pictures, Source
from torchwork.data.sources import TORCHVISION_PATHS, based, find, open_source
from torchwork.data.sources.arrays import NUMBERED, Arrays, is_pictures
from torchwork.data.sources.cifar import CIFAR10
from torchwork.data.sources.code import Code
from torchwork.data.sources.folder import ImageFolder
from torchwork.data.sources.idx import MNIST
from torchwork.data.sources.masks import UNKNOWN, MaskFolder, mask_for, picture_names, read_labels
from torchwork.data.sources.shapes import SPLITS, Shapes
from torchwork.data.sources.table import Cells, Table
from torchwork.data.sources.torchvision import settled, split_arguments, targets_of
from torchwork.errors import DocumentError, Problem
from torchwork.experiment.spec import Source as SourcePart

PLACE = "data.source"
WIDTH = 100
PLAIN = frozenset({".jpg", ".jpeg"})
"""endings of picture files that never hold alpha or more than 8 bits"""
HEADERS = 2000
"""other pictures whose headers are read to find out whether the short way of reading them is right"""


@dataclass(frozen=True)
class Reading:
    """`splits`: by split of the source, an expression of (inputs, targets).

    `read`, where there is one, is an expression of the input called `name`: the inputs are then a list of names.
    """

    splits: Mapping[str, str]
    uses: list[Any]
    constants: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    read: str = ""
    named: bool = False
    """whether inputs are names of files; a data set of another's making has none, and may not bear several threads"""
    statements: tuple[str, ...] = ()
    """where reading again costs nothing: statements that give `inputs` and `targets` of the split called `split`"""
    keys: Mapping[str, str] = field(default_factory=dict)
    """what the splits of the source are called in the statements"""


def source_and_reading(part: SourcePart, base: Path) -> tuple[Source, Reading]:
    """The source of a document whose paths begin at `base`, and how a script reads it.

    DocumentError where it cannot: one's own code, and folders with links in them.
    """
    if find(part.name).target is Code:
        problem = (
            f"expected data that a script can read by itself, got Code, which is your own file {part.args['file']!r}"
        )
        raise DocumentError(Problem(PLACE, problem, "import its class in the script of a model without data"))
    source = open_source(part, base, trust=False)
    printer = next((make for kind, make in PRINTERS.items() if isinstance(source, kind)), None)
    return source, printer(part, source) if printer else _dataset(part, source, base)


def path_text(path: str | Path) -> str:
    """A path of the document as an expression."""
    text = f"Path({literal(str(path))})"
    return f"{text}.expanduser()" if str(path).startswith("~") else text


def _given(part: SourcePart, name: str) -> str:
    """An argument that is a path; of those that have a default it is the folder data."""
    return str(part.args.get(name, "data"))


def _below(given: str, opened: Path, found: Path) -> str:
    """The folder of a file that was found below `opened`, as the document writes paths."""
    return path_text((Path(given) / found.parent.relative_to(opened)).as_posix())


def _idx(part: SourcePart, source: Any) -> Reading:
    file = source.file("train-images-idx3-ubyte")
    root = _below(_given(part, "root"), source.root, file)
    dash = "" if "-idx" in file.name else ', dash="."'
    prefixes = {"train": "train", "test": "t10k"}
    splits = {name: f'read_pictures(ROOT / "{prefix}"{dash})' for name, prefix in prefixes.items()}
    images = file.name.removeprefix("train-").removesuffix(".gz")
    labels = images.replace("images", "labels").replace("idx3", "idx1")
    statements = (
        f'inputs = read_idx(ROOT / f"{{split}}-{images}")[:, None]',
        f'targets = read_idx(ROOT / f"{{split}}-{labels}").long()',
    )
    return Reading(splits, [recipes.read_pictures], [f"ROOT = {root}"], statements=statements, keys=prefixes)


def _cifar(part: SourcePart, source: Any) -> Reading:
    found = {name: source.files(names) for name, names in (("train", source.train_files), ("test", source.test_files))}
    root = _below(_given(part, "root"), source.root, found["train"][0])
    binary = found["train"][0].suffix == ".bin"
    how = f"label_bytes={source.label_bytes}" if binary else f'labels="{source.label_key}"'
    recipe = recipes.read_records if binary else recipes.read_python
    splits = {name: f"{recipe.__name__}({_files(files)}, {how})" for name, files in found.items()}
    return Reading(splits, [recipe], [f"ROOT = {root}"])


def _files(files: list[Path]) -> str:
    """One file, or several whose names differ in a digit from 1."""
    if len(files) == 1:
        return f"[ROOT / {literal(files[0].name)}]"
    pattern = files[0].name.replace("1", "{i}")
    return f'[ROOT / f"{pattern}" for i in range(1, {len(files) + 1})]'


def _folder(part: SourcePart, source: Any) -> Reading:
    mode, root = source.mode, path_text(_given(part, "root"))
    splits = {name: f"list_pictures(ROOT, {literal(folder)}, CLASSES)" for name, folder in source.folders.items()}
    files = {name: samples() for name, samples in source.splits.items()}
    for name, folder in source.folders.items():
        if recipes.list_pictures(source.root, folder, source.classes)[0] != files[name].files:
            problem = "expected folders without links to other folders, which a script does not follow"
            raise DocumentError(Problem(PLACE, problem, "put the pictures themselves there"))
    plain = all(map(_plain, files.values()))
    short = recipes.read_grey if mode == "L" else recipes.read_colour
    read = f"{short.__name__}(ROOT / name)" if plain else f'read_picture(ROOT / name, "{mode}")'
    constants = [f"ROOT = {root}", assigned("CLASSES", source.classes)]
    return Reading(
        splits, [recipes.list_pictures, short if plain else recipes.read_picture], constants, read=read, named=True
    )


def _masks(part: SourcePart, source: Any) -> Reading:
    """Names of pictures; each is read with its mask."""
    splits = {name: f"list_masked(ROOT, {literal(pictures)})" for name, (pictures, _) in source.folders.items()}
    constants = [
        f"ROOT = {path_text(_given(part, 'root'))}",
        assigned("MASKS", source.pairs),
        _table_text(source.table),
    ]
    text = "\n".join([
        "def list_masked(root: Path, folder: str) -> tuple[list[str], None]:",
        '    """The pictures in a folder that have a mask, as paths below the root."""',
        "    return [name for name in picture_names(root, folder) if mask_for(root, name, MASKS)], None",
        "", "",
        "def read_masked(name: str) -> Tensor:",
        '    """A picture with the class of each of its pixels as its last channel, uint8 [c + 1, h, w]."""',
        "    labels = read_labels(mask_for(ROOT, name, MASKS), TABLE)",
        f'    return with_mask(read_picture(ROOT / name, "{source.mode}"), labels)',
    ])  # fmt: skip
    imports = frozenset({"from pathlib import Path", "from torch import Tensor"})
    uses = [picture_names, mask_for, read_labels, recipes.read_picture, with_mask]
    return Reading(splits, uses, constants, [text], imports, read="read_masked(name)", named=True)


def _table_text(table: list[int]) -> str:
    """The class of each number of a mask; of a number that has none it is 255, which counts for nothing."""
    classes = {number: label for number, label in enumerate(table) if label not in (IGNORED, UNKNOWN)}
    if classes == {number: number for number in range(len(classes))}:
        return f"TABLE = [*range({len(classes)}), *[{IGNORED}] * {256 - len(classes)}]"
    return wrap(f"TABLE = [{literal(classes)}.get(number, {IGNORED}) for number in range(256)]")


def _plain(samples: Pictures) -> bool:
    """Whether no picture has transparency, 16 bits or other rarities that ask for the long way of reading."""
    odd = [file for file in samples.files if Path(file).suffix.lower() not in PLAIN]
    return len(odd) <= HEADERS and all(header_mode(samples.root / file) in ("RGB", "L", None) for file in odd)


def _arrays(part: SourcePart, source: Any) -> Reading:
    args: Mapping[str, Any] = part.args
    found, targets = next(iter(source.pairs.values()))
    if len(found) > 1:
        return _several_arrays(args, source, found, targets)
    [inputs] = found
    if args.get("path"):
        x, y, head = "arrays[inputs]", "arrays[targets]", "with np.load(PATH) as arrays:"
        splits = {name: f"read_arrays({_keys(name, args, source)})" for name in source.splits}
        constants = [f"PATH = {path_text(args['path'])}"]
    else:
        x, y, head = "np.load(INPUTS)", "np.load(TARGETS)", ""
        splits = {"train": "read_arrays()"}
        constants = [
            f"{name} = {path_text(args[key])}" for name, key in (("INPUTS", "x"), ("TARGETS", "y")) if args.get(key)
        ]
    lines = [f"inputs_of({x})", f"targets_of({y})" if targets is not None else "None"]
    return Reading(splits, [], constants, [_read_arrays(head, *lines), *_conversions(source, inputs, targets)], NUMPY)


def _several_arrays(
    args: Mapping[str, Any], source: Any, inputs: list[np.ndarray], targets: np.ndarray | None
) -> Reading:
    """Inputs x1, x2, ..., which are read as rows that hold them end to end."""
    with np.load(source.path, allow_pickle=False) as arrays:
        found = [match for name in arrays.files if (match := NUMBERED.fullmatch(name))]
    ends = list(dict.fromkeys(match[2] or "" for match in found))  # of the names, one for each split
    names = sorted({match[1] for match in found}, key=lambda name: int(name[1:]))
    one = ends == [""]
    quoted = [f'"{name}"' if one else f'f"{name}{{end}}"' for name in (*names, args.get("y") or "y")]
    rows = [f"{_rows_name(source, x)}(arrays[{name}])" for name, x in zip(quoted, inputs, strict=False)]
    y = "None" if targets is None else f"targets_of(arrays[{quoted[-1]}])"
    text = "\n".join([
        f"def read_arrays({'' if one else 'end: str'}) -> tuple[Tensor, {'None' if targets is None else 'Tensor'}]:",
        '    """Inputs, those of a sample end to end in one row, and targets."""',
        "    with np.load(PATH) as arrays:",
        wrap(f"rows = [{', '.join(rows)}]", 8),
        f"        return torch.cat(rows, dim=1), {y}",
    ])  # fmt: skip
    made = {_rows_name(source, x): _function(_rows_name(source, x), _rows_text(source, x)) for x in inputs}
    made |= {"targets_of": _function("targets_of", _targets_text(source))} if targets is not None else {}
    given = ["" if one else literal(end) for end in ends]
    splits = {name: f"read_arrays({end})" for name, end in zip(source.splits, given, strict=True)}
    return Reading(splits, [], [f"PATH = {path_text(args['path'])}"], [text, *made.values()], NUMPY)


def _rows_name(source: Any, x: np.ndarray) -> str:
    """The function that makes rows of one of several inputs."""
    if not is_pictures(x):
        return "rows_of_numbers"
    return "rows_of_last" if x.ndim == 4 and source.last(x) else "rows_of_pictures"


def _rows_text(source: Any, x: np.ndarray) -> str:
    """What it gives."""
    return {
        "rows_of_numbers": "torch.from_numpy(array.astype(np.float32)).reshape(len(array), -1)",
        "rows_of_pictures": "torch.from_numpy(array).reshape(len(array), -1) / 255",
        "rows_of_last": "torch.from_numpy(array).permute(0, 3, 1, 2).reshape(len(array), -1) / 255",
    }[_rows_name(source, x)]


NUMPY = frozenset({"import numpy as np", "import torch", "from torch import Tensor", "from pathlib import Path"})


def _keys(split: str, args: Mapping[str, Any], source: Any) -> str:
    """The names of the arrays of a split, as arguments."""
    with np.load(source.path, allow_pickle=False) as arrays:
        plain = args.get("x") or "x" in arrays.files
    names = (args.get("x", "x"), args.get("y", "y")) if plain else (f"x_{split}", f"y_{split}")
    return ", ".join(map(literal, names if source.pairs[split][1] is not None else names[:1]))


def _read_arrays(head: str, inputs: str, targets: str) -> str:
    """The function that reads a split, given its two arrays as expressions."""
    names = [f"{name}: str" for name in ("inputs", "targets") if f"[{name}]" in inputs + targets]
    kind = "Tensor" if targets != "None" else "None"
    return "\n".join([
        f"def read_arrays({', '.join(names)}) -> tuple[Tensor, {kind}]:",
        '    """Inputs and targets of a split."""',
        *([f"    {head}"] if head else []),
        f"    {'    ' * bool(head)}return {inputs}, {targets}",
    ])  # fmt: skip


def _conversions(source: Any, inputs: np.ndarray, targets: np.ndarray | None) -> list[str]:
    """How arrays become tensors."""
    numbers = "torch.from_numpy(array.astype(np.float32))" + "[:, None]" * (inputs.ndim == 1)
    x = "torch.from_numpy(array)" if source.kind == "picture" else numbers
    if source.kind == "picture" and inputs.ndim == 3:
        x += "[:, None]"
    elif source.kind == "picture" and source.last(inputs):
        x += ".permute(0, 3, 1, 2).contiguous()"
    made = [_function("inputs_of", x)]
    if targets is not None:
        made.append(_function("targets_of", _targets_text(source)))
    return made


def _targets_text(source: Any) -> str:
    if source.classes is None:
        return "torch.from_numpy(array.astype(np.float32))"
    values = source.values.tolist()
    flat = "array.reshape(-1)"
    found = flat if values == list(range(len(values))) else f"np.searchsorted({literal(values)}, {flat})"
    return f"torch.from_numpy({found}.astype(np.int64))"


def _function(name: str, text: str) -> str:
    return f'def {name}(array: np.ndarray) -> Tensor:\n    """An array as a tensor."""\n    return {text}'


def _table(part: SourcePart, source: Any) -> Reading:
    args: Mapping[str, Any] = part.args
    encoding = source.encoding
    cells = Cells(source.path, args.get("delimiter"))
    targets, columns = encoding["target"], encoding["columns"]
    wanted = [name for name in args.get("features") or cells.names if name not in targets]
    needed = targets if args.get("missing", "fill") == "fill" else targets + wanted
    row = recipes.one_hot_row if args.get("categories", "one_hot") == "one_hot" else recipes.coded_row
    values = {column["name"]: column["values"] if column["kind"] == "category" else None for column in columns}
    constants = [f"PATH = {path_text(args['path'])}", assigned("COLUMNS", values)]
    if source.classes:
        constants.append(assigned("CLASSES", source.classes))
        y = f"torch.tensor([CLASSES.index(row[{literal(targets[0])}]) for row in rows])"
    elif len(targets) == 1:
        y = f"torch.tensor([number(row[{literal(targets[0])}]) for row in rows])"
    else:
        y = f"torch.tensor([[number(row[name]) for name in {literal(targets)}] for row in rows])"
    text = "\n".join([
        "def read_samples() -> tuple[Tensor, Tensor]:",
        '    """Features [n, f] and targets of the rows."""',
        f"    rows = read_table(PATH, {literal(cells.delimiter)}, {literal(needed)})",
        f"    inputs = torch.tensor([{row.__name__}(row, COLUMNS) for row in rows])",
        f"    return inputs, {y}",
    ])  # fmt: skip
    imports = frozenset({"import torch", "from torch import Tensor", "from pathlib import Path"})
    uses = [recipes.read_table, row, *([] if source.classes else [recipes.number])]
    return Reading({"train": "read_samples()"}, uses, constants, [text], imports)


def assigned(name: str, value: list[Any] | dict[Any, Any]) -> str:
    """A constant, with one item a line where it is long."""
    text = f"{name} = {literal(value)}"
    if len(text) <= WIDTH:
        return text
    if isinstance(value, dict):
        items = [f"    {literal(key)}: {literal(item)}," for key, item in value.items()]
        return "\n".join([f"{name} = {{", *items, "}"])
    return "\n".join([f"{name} = [", *(f"    {literal(item)}," for item in value), "]"])


DRAWN: Mapping[str, Any] = {
    "classification": recipes.drawn_shapes,
    "masks": recipes.drawn_masks,
    "labels": recipes.drawn_labels,
    "boxes": recipes.drawn_boxes,
}
"""the recipes of rendered shapes, by task"""


def _shapes(part: SourcePart, source: Any) -> Reading:
    counts = {name: len(source.splits[name].args) and source.splits[name].args[1] for name in source.splits}
    recipe = DRAWN[source.task]
    splits = {
        name: f"{recipe.__name__}(CLASSES, {source.size}, {source.seed * 3 + SPLITS[name]}, {count})"
        for name, count in counts.items()
    }
    return Reading(splits, [recipe], [assigned("CLASSES", source.names)])


def _dataset(part: SourcePart, source: Source, base: Path) -> Reading:
    """Any other data set, by torchvision's own class."""
    entry = find(part.name)
    download = entry.argument("download")
    given = ({"download": False} if download and download.default else {}) | part.args
    paths = [name for name in TORCHVISION_PATHS if isinstance(given.get(name), str)]
    constants = [f"{name.upper()} = {path_text(_given(part, name))}" for name in paths]
    texts = {name: Text(name.upper()) for name in paths}
    splits = {}
    for name, more in split_arguments(entry, settled(entry, based(part.args, TORCHVISION_PATHS, base))).items():
        made = construction(entry, given | more, "datasets", texts)
        splits[name] = f"read_dataset({made})"
    long = ".long()" if source.classes else ""
    mode, label = source.encoding["mode"], literal(part.name)
    text = "\n".join([
        "def read_dataset(dataset: Any) -> tuple[list[Any], Tensor]:",
        '    """The items of a data set, to be read later, and its targets."""',
        f"    return list_items(dataset), targets_of(dataset, {label}){long}",
    ])  # fmt: skip
    imports = frozenset({"from torchvision import datasets", "from typing import Any", "from torch import Tensor"})
    uses = [recipes.list_items, recipes.read_item, targets_of]
    imports |= {"from pathlib import Path"} if paths else set()
    return Reading(splits, uses, constants, [text], imports, read=f'read_item(name, "{mode}")')


PRINTERS: Mapping[type[Source], Callable[[SourcePart, Any], Reading]] = {
    MNIST: _idx,
    CIFAR10: _cifar,
    ImageFolder: _folder,
    Arrays: _arrays,
    Table: _table,
    Shapes: _shapes,
    MaskFolder: _masks,
}
