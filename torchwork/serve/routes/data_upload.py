"""Data into the opened folder, and what there is of them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from torchwork.serve import datasets
from torchwork.serve.arriving import Arrival, refuse_large
from torchwork.serve.refusal import RefusedError
from torchwork.serve.unpacking import PIECE, Files, copy, unzip
from torchwork.serve.views import DataFolder, UploadedData
from torchwork.serve.workbench import workbench_of

MANY = "application/x-torchwork-files"
MAGIC = b"PK\x03\x04"

router = APIRouter(prefix="/api")


@router.get("/data-folders")
def data_folders(request: Request) -> list[DataFolder]:
    """Folders of pictures and files of numbers below the opened folder, the nearest first."""
    return datasets.found(workbench_of(request).root)


@router.post("/upload-data")
async def upload(request: Request, name: str, file: str = "") -> UploadedData:
    """Puts a zip file's content, one file (called `file`), or many files into `data/NAME`: all of them, or none."""
    root = workbench_of(request).root
    announced = request.headers.get("content-length", "0")
    refuse_large(int(announced) if announced.isdecimal() else 0)
    with Arrival(root, name) as arrival:
        if request.headers.get("content-type", "").partition(";")[0] == MANY:
            await _many(request, arrival)
        else:
            await _one(request, arrival, file)
        place = await run_in_threadpool(arrival.settle)
        return await run_in_threadpool(_described, root, arrival, place)


async def _many(request: Request, arrival: Arrival) -> None:
    files = Files(arrival)
    try:
        async for piece in _pieces(request):
            await run_in_threadpool(files.feed, piece)
        files.end()
    finally:
        files.close()


async def _one(request: Request, arrival: Arrival, file: str) -> None:
    """A zip file by its first bytes (an .npz file is one too, and stays as it is), else the file `file`."""
    with tempfile.TemporaryDirectory(prefix="received-", dir=arrival.aside.parent) as folder:
        body = Path(folder) / "body"
        with body.open("wb") as target:
            async for piece in _pieces(request):
                await run_in_threadpool(target.write, piece)
        await run_in_threadpool(_unpack, body, arrival, file)


def _unpack(body: Path, arrival: Arrival, file: str) -> None:
    with body.open("rb") as content:
        begins = content.read(len(MAGIC))
        if begins == MAGIC and not file.lower().endswith(".npz"):
            unzip(body, arrival)
            return
        if not file:
            raise RefusedError("this is no zip file; send one, or give the name of the file with `file`")
        content.seek(0)
        copy(content, file.rpartition("/")[2], arrival)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a thread's while."""
    waiting, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            waiting += chunk
            size += len(chunk)
            refuse_large(size)
            if len(waiting) >= PIECE:
                yield bytes(waiting)
                waiting.clear()
    except ClientDisconnect:
        raise RefusedError("the upload was broken off; nothing of it is kept") from None
    yield bytes(waiting)


def _described(root: Path, arrival: Arrival, place: Path) -> UploadedData:
    """What reads the files that are in place now."""
    notes, found = arrival.notes(), datasets.pictures_in(root, place)
    readable = [found] if found else datasets.files_below(root, place)
    if not readable:
        notes.append("no source reads these as they lie: put pictures into a folder for each class, CLASS/picture.jpg")
    elif found and found.splits:
        notes.append(f"folders of splits: {', '.join(found.splits)}")
    elif readable[0].kind == "table":
        target = readable[0].source["Table"]["target"]
        notes.append(f"the column to predict is taken to be {target}; choose another where it is not")
    if len(readable) > 1:
        notes.append(f"{len(readable)} files can be read, and one source reads one: {readable[0].path} is taken")
    source = readable[0].source if readable else {}
    return UploadedData(path=arrival.path, files=arrival.files, bytes=arrival.bytes, source=source, notes=notes)
