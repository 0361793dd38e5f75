"""`/api/import`, weights and `/api/export-text`: networks come in, and go out as code."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from torchwork.draw import edited_text
from torchwork.draw.edit import SetValue, UnsetValue
from torchwork.errors import TorchworkError, nearest
from torchwork.serve.bringing import (
    Exported,
    ExportRequest,
    Import,
    ImportRequest,
    LocalFiles,
    LookedAt,
    PythonFile,
    UploadedWeights,
    VisionModel,
    WeightsFit,
    WeightsRequest,
)
from torchwork.serve.calls import parsed_arguments, read_python, refuse_arguments, weights_file
from torchwork.serve.importing import PLACE, WEIGHTS, free
from torchwork.serve.inside import SKIPPED, inside, is_text, shown
from torchwork.serve.messages import Checked
from torchwork.serve.refusal import RefusedError
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import Workbench, workbench_of

LARGEST = 2 << 30
"""bytes of a file of weights"""
ENDINGS = (".safetensors", ".pt", ".pth")
ENTRIES, LISTED = 20_000, 500
WEIGHTS_PLACE = "model.weights"

router = APIRouter(prefix="/api")


@router.get("/vision-models")
async def vision_models(request: Request) -> list[VisionModel]:
    """The models of torchvision that can be imported."""
    kept = request.app.state
    if getattr(kept, "vision_models", None) is None:
        found = await workbench_of(request).worker.call("vision_models")
        kept.vision_models = [VisionModel.model_validate(item) for item in found]
    models: list[VisionModel] = kept.vision_models
    return models


@router.get("/import/files")
def local_files(request: Request) -> LocalFiles:
    """Python files and files of weights below the opened folder, the nearest first, and the limits of an import."""
    workbench = workbench_of(request)
    python, weights = _found(workbench.root, (".py",)), _found(workbench.root, ENDINGS)
    return LocalFiles(python=python, weights=weights, limits=workbench.imports.told_limits())


@router.post("/import/look")
async def look_at(request: Request, file: PythonFile) -> LookedAt:
    """What a Python file offers; nothing of it runs."""
    workbench = workbench_of(request)
    name, text, _ = await run_in_threadpool(read_python, workbench.root, file)
    with tempfile.TemporaryDirectory(prefix="torchwork-") as folder:
        place = Path(folder) / name
        place.write_text(text, "utf-8", errors="replace")
        try:
            found = await wanted(request, workbench.worker.call("python_file", file=str(place)))
        except TorchworkError as error:
            raise RefusedError(str(error).replace(f"{folder}{os.sep}", "")) from None
    return LookedAt.model_validate(found)


@router.post("/import")
async def start(request: Request, asked: ImportRequest) -> Import:
    """Begins an import."""
    target = ""
    if asked.file is None and asked.model:
        models = {item.name: item.target for item in await vision_models(request)}
        if asked.model not in models:
            hint = nearest(asked.model, models) or "choose one of the list"
            raise RefusedError(f"torchvision has no model {shown(asked.model)} that can be imported ({hint})", 404)
        target = models[asked.model]
    if asked.file is not None and asked.name:
        looked = await look_at(request, asked.file)
        refuse_arguments(looked.found, asked.name, parsed_arguments(asked.arguments))
    return await run_in_threadpool(workbench_of(request).imports.start, asked, target)


@router.get("/import")
def told(request: Request, id: str) -> Import:
    """How far an import is, and what came of it."""
    return workbench_of(request).imports.told(id)


@router.delete("/import")
def stop(request: Request, id: str) -> Import:
    """Ends an import; nothing of it is kept."""
    return workbench_of(request).imports.stop(id)


@router.post("/upload-weights")
async def upload_weights(request: Request, name: str) -> UploadedWeights:
    """A file of weights into `weights/`; one that is none, or would run code, is refused and not kept."""
    workbench = workbench_of(request)
    stem, ending = Path(name).stem, Path(name).suffix
    if ending not in ENDINGS or not stem or "/" in name or "\\" in name or name.startswith("."):
        raise RefusedError(f"expected a .safetensors, .pt or .pth file, got {shown(name)}")
    aside = await run_in_threadpool(_aside, workbench, ending)
    try:
        await _receive(request, aside)
        found = await _weights(workbench, aside, name)
        place = await run_in_threadpool(_settle, workbench.root, aside, stem, ending)
    finally:
        aside.unlink(missing_ok=True)
    return UploadedWeights(path=place, **found)


@router.post("/weights")
async def weights(request: Request, asked: WeightsRequest) -> WeightsFit:
    """A text with other weights to begin from, and whether they fit its model."""
    workbench, tensors = workbench_of(request), 0
    if not asked.weights:
        text, _ = edited_text(asked.text, [UnsetValue(path=WEIGHTS_PLACE)])
        return WeightsFit(text=text)
    place = weights_file(workbench.root, asked.weights)
    tensors = (await _weights(workbench, place, asked.weights))["tensors"]
    text, _ = edited_text(asked.text, [SetValue(path=WEIGHTS_PLACE, value=asked.weights)])
    checked = Checked.model_validate(await workbench.worker.call("check", text=text, path=asked.path))
    place_text = str(place).removesuffix(asked.weights)
    problems = [
        problem.model_copy(update={"message": problem.message.replace(place_text, "")})
        for problem in checked.problems
        if problem.place == WEIGHTS_PLACE
    ]
    return WeightsFit(text=text, problems=problems, tensors=tensors)


@router.post("/export-text")
async def export_text(request: Request, asked: ExportRequest) -> Exported:
    """A text as Python."""
    call = workbench_of(request).worker.call("export_text", **asked.model_dump())
    return Exported.model_validate(await wanted(request, call))


async def _weights(workbench: Workbench, place: Path, name: str) -> dict[str, int]:
    try:
        found: dict[str, int] = await workbench.worker.call("weights", file=str(place))
    except TorchworkError as error:
        raise RefusedError(str(error).replace(str(place), name)) from None
    return found


def _aside(workbench: Workbench, ending: str) -> Path:
    folder = inside(workbench.root, PLACE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, place = tempfile.mkstemp(suffix=ending, prefix="weights-", dir=folder)
    except OSError as error:
        raise RefusedError(f"cannot write here: {error.strerror}; make room, or give access", 507) from None
    os.close(handle)
    return Path(place)


async def _receive(request: Request, place: Path) -> None:
    announced = request.headers.get("content-length", "0")
    _refuse_large(int(announced) if announced.isdecimal() else 0)
    size = 0
    try:
        with place.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                _refuse_large(size)
                await run_in_threadpool(file.write, chunk)
    except ClientDisconnect:
        raise RefusedError("the upload was broken off; nothing of it is kept") from None
    except OSError as error:
        raise RefusedError(f"cannot write the weights: {error.strerror}; make room", 507) from None


def _refuse_large(size: int) -> None:
    if size > LARGEST:
        raise RefusedError(f"weights may have at most {LARGEST >> 30} GB; put larger ones there by hand", 413)


def _settle(root: Path, aside: Path, stem: str, ending: str) -> str:
    """Puts the file into `weights/` under its name, or a free one like it."""
    place = free(root, WEIGHTS, stem, ending)
    try:
        place.parent.mkdir(exist_ok=True)
        aside.chmod(0o644)
        aside.rename(place)
    except OSError as error:
        raise RefusedError(f"cannot write {WEIGHTS}/{stem}{ending}: {error.strerror}; make room", 507) from None
    return place.relative_to(root).as_posix()


def _found(root: Path, endings: tuple[str, ...]) -> list[str]:
    """Files with these endings; what is hidden or a run is passed over, links are not followed."""
    waiting, found, seen = deque([root]), list[str](), 0
    while waiting and seen < ENTRIES and len(found) < LISTED:
        try:
            entries = sorted(os.scandir(waiting.popleft()), key=lambda entry: entry.name)
        except OSError:
            continue
        seen += len(entries)
        if any(entry.name == "run.json" for entry in entries):
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name in SKIPPED or not is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.name.endswith(endings) and entry.is_file(follow_symlinks=False):
                found.append(Path(entry.path).relative_to(root).as_posix())
    return found
