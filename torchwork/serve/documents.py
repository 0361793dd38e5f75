"""The documents of the opened folder: listed, read, saved without losing anybody's work, begun from templates."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from torchwork.draw import SheetNode, levels
from torchwork.errors import DocumentError, nearest
from torchwork.experiment import Experiment, ModelDocument, diff, edited, told
from torchwork.experiment.document import is_model_only
from torchwork.experiment.files import read as read_yaml
from torchwork.serve.bringing import Template, TemplateLevel, TemplateNode
from torchwork.serve.found import LARGEST, SUFFIXES, Finder
from torchwork.serve.inside import in_run, inside, regular, run_folder, run_id, shown, visible
from torchwork.serve.listing import DOCUMENT
from torchwork.serve.messages import (
    Difference,
    DocumentFile,
    DocumentNew,
    DocumentSave,
    DocumentText,
)
from torchwork.serve.refusal import NotFoundError, RefusedError
from torchwork.serve.trash import Trash
from torchwork.templates import template_order

"""The resolved document's file in a run folder."""
RUN = "run:"
EMPTY = """torchwork: 1
name: experiment
data:
  source: {Shapes: {size: 32}}
model:
  layers: []
loss: CrossEntropyLoss
optimizer: {AdamW: {lr: 0.003}}
train: {epochs: 10}
"""
"""What is drawn from nothing: only the network is missing."""
PLAIN_NAME = re.compile(r"[^\W\d_][\w-]*")


class Documents:
    """The documents below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._finder, self._trash, self._lock = Finder(root), Trash(root), threading.Lock()

    def listed(self) -> list[DocumentFile]:
        """The documents that are not part of a run, the last changed first."""
        with self._lock:
            return self._finder.documents()

    def read(self, path: str) -> DocumentText:
        """The text of a document by its path below the folder."""
        return self._text(path, self._place(path))

    def of_run(self, run: str) -> DocumentText:
        """The document that a run was trained with."""
        folder = run_folder(self.root, run)
        place = inside(self.root, run_id(self.root, folder / DOCUMENT))
        if not place.is_file() or not (folder / "run.json").is_file():
            raise NotFoundError(f"{shown(run)} has no document: it was trained from Python, or by other software")
        return self._text(run_id(self.root, place), place)

    def save(self, save: DocumentSave) -> DocumentText:
        """Replaces the text in one step, if the file is still the one that was edited.

        Raises:
            RefusedError: with status 409, the file is not the `base` version any more.
        """
        place = self._writable(save.path)
        with self._lock:
            found = self._text(save.path, place) if place.exists() else None
            if not save.force and (found.version if found else "") != save.base:
                raise RefusedError(_changed_meanwhile(save, found), 409)
            crlf = found is not None and "\r\n" in found.text
            _write(place, save.text.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else save.text)
        return self._text(save.path, place)

    def new(self, new: DocumentNew) -> DocumentText:
        """A new document from a template or from a run's; without either one that lacks only its network.

        Raises:
            RefusedError: with status 409, there is such a file already.
        """
        place = self._writable(new.path)
        if new.run is not None:
            text = self.of_run(new.run).text
        else:
            text = _template(new.template).text if new.template else EMPTY
        with self._lock:
            if place.exists():
                raise RefusedError(f"{shown(new.path)} exists already; choose another name", 409)
            _write(place, edited(_renamed(text, place, new.path), new.settings))
        return self._text(new.path, place)

    def delete(self, path: str) -> str:
        """Moves a document to the trash; the word that brings it back."""
        place = self._writable(path)
        if not place.is_file():
            raise NotFoundError(f"there is no document {shown(path)} any more")
        return self._trash.put([place])

    def templates(self) -> list[Template]:
        """The documents to begin from."""
        return list(_templates().values())

    def difference(self, before: str, after: str) -> Difference:
        """What changed from one document to another, in words; each a path, or `run:` and the id of a run."""
        changes = diff(self._loaded(before), self._loaded(after))
        return Difference(lines=[str(line) for line in told(changes)])

    def _loaded(self, given: str) -> Experiment | ModelDocument:
        found = self.of_run(given.removeprefix(RUN)) if given.startswith(RUN) else self.read(given)
        kind = ModelDocument if is_model_only(read_yaml(found.text, found.path)[0]) else Experiment
        return kind.loads(found.text, file=found.path)

    def _place(self, path: str) -> Path:
        place = visible(self.root, path)
        if place.suffix.lower() not in SUFFIXES:
            raise RefusedError(f"{shown(path)} is no document; its name must end with {' or '.join(SUFFIXES)}", 403)
        return place

    def _writable(self, path: str) -> Path:
        place = self._place(path)
        if in_run(self.root, place):
            raise RefusedError("the document of a run stays as it was trained; make a new document from it", 403)
        return place.resolve()

    def _text(self, path: str, place: Path) -> DocumentText:
        try:
            if regular(place).st_size > LARGEST:
                raise RefusedError(f"{shown(path)} is larger than {LARGEST // 10**6} MB, which no document is", 413)
            content = place.read_bytes()
            text = content.decode("utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"there is no document {shown(path)} any more") from None
        except UnicodeDecodeError:
            raise RefusedError(f"{shown(path)} is not text in UTF-8, as a document must be") from None
        except OSError as error:
            raise RefusedError(f"cannot read {shown(path)}: {error.strerror}") from None
        return DocumentText(path=path, text=text, version=hashlib.sha256(content).hexdigest()[:16])


def _changed_meanwhile(save: DocumentSave, found: DocumentText | None) -> str:
    if found is None:
        return f"{shown(save.path)} was deleted meanwhile; save it again to keep yours"
    if not save.base:
        return f"{shown(save.path)} exists already; choose another name, or replace it"
    return f"{shown(save.path)} was changed by someone else meanwhile; compare, then keep yours or theirs"


def _write(place: Path, text: str) -> None:
    """Writes the file in one step: a reader finds the old text or the new one."""
    unfinished = place.with_name(f".{secrets.token_hex(6)}.tmp")
    content = text.encode()
    if len(content) > LARGEST:
        raise RefusedError(f"a document has at most {LARGEST // 10**6} MB, not {len(content) / 10**6:.1f}", 413)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        if place.exists():
            unfinished.chmod(place.stat().st_mode & 0o777)
        unfinished.replace(place)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise RefusedError(f"cannot write {shown(place.name)}: {error.strerror}; choose another place") from None


def _renamed(text: str, place: Path, path: str) -> str:
    """The text under its new name, so that its runs are called like it."""
    text = text.replace("experiment.yaml", path)
    if PLAIN_NAME.fullmatch(place.stem):
        text = re.sub(r"^name: .*$", f"name: {place.stem}", text, count=1, flags=re.MULTILINE)
    return text


def _template(name: str) -> Template:
    found = _templates().get(name)
    if found is None:
        hint = nearest(name, _templates()) or f"there are {', '.join(_templates())}"
        raise NotFoundError(f"there is no template {shown(name)}; {hint}")
    return found


@cache
def _templates() -> dict[str, Template]:
    files = {
        Path(item.name).stem: item.read_text("utf-8")
        for item in resources.files("torchwork.templates").iterdir()
        if item.name.endswith(".yaml")
    }
    return {
        name: _read_template(name, text)
        for name, text in sorted(files.items(), key=lambda item: template_order(item[0]))
    }


def _read_template(name: str, text: str) -> Template:
    title = text.partition("\n")[0].removeprefix("# ")
    return Template(name=name, title=title, text=text, layers=_layers(text), levels=_levels(text))


def _levels(text: str) -> list[TemplateLevel]:
    """The network and its definitions, for a picture."""
    try:
        sheets = levels(read_yaml(text)[0])
    except DocumentError:
        return []
    return [TemplateLevel(name=sheet.name, nodes=[_node(node) for node in sheet.nodes]) for sheet in sheets]


def _node(node: SheetNode) -> TemplateNode:
    stride = node.args.get("stride")
    return TemplateNode(
        name=node.name,
        type=node.part or node.use,
        sources=[source.partition("[")[0] for source in node.sources],
        repeat=node.repeat,
        stride=stride if isinstance(stride, int) else 1,
    )


def _layers(text: str) -> list[str]:
    """The classes and definitions of its sheet, in their order."""
    try:
        model: Any = read_yaml(text)[0]["model"]
        layers = model["layers"] if "layers" in model else [*model["nodes"].values()]
    except (DocumentError, KeyError, TypeError):
        return []
    return [layer if isinstance(layer, str) else next(iter(layer)) for layer in layers]
