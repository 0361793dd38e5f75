"""`/api/documents`: the texts that describe experiments."""

from __future__ import annotations

from fastapi import APIRouter, Request

from torchwork.serve.bringing import Template
from torchwork.serve.documents import Documents
from torchwork.serve.messages import (
    Deleted,
    Difference,
    DocumentFile,
    DocumentNew,
    DocumentSave,
    DocumentText,
)
from torchwork.serve.refusal import RefusedError
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


def _documents(request: Request) -> Documents:
    return workbench_of(request).documents


@router.get("/documents")
def listed(request: Request) -> list[DocumentFile]:
    """The documents of the folder, the last changed first."""
    return _documents(request).listed()


@router.post("/documents")
def new(request: Request, new: DocumentNew) -> DocumentText:
    """A new document from a template or a run."""
    return _documents(request).new(new)


@router.get("/document")
def read(request: Request, path: str | None = None, run: str | None = None) -> DocumentText:
    """One document, or that of a run."""
    if run is not None:
        return _documents(request).of_run(run)
    if path is None:
        raise RefusedError("give the path of a document, or a run")
    return _documents(request).read(path)


@router.put("/document")
def save(request: Request, save: DocumentSave) -> DocumentText:
    """Saves a text over the version that was edited."""
    return _documents(request).save(save)


@router.delete("/document")
def delete(request: Request, path: str) -> Deleted:
    """Moves a document to the trash; `undo` brings it back, as it does runs."""
    return Deleted(undo=_documents(request).delete(path), runs=[path])


@router.get("/templates")
def templates(request: Request) -> list[Template]:
    """The documents to begin from."""
    return _documents(request).templates()


@router.get("/diff")
def difference(request: Request, a: str, b: str) -> Difference:
    """What changed from `a` to `b`."""
    return _documents(request).difference(a, b)
