"""`/api/draw` and what else the canvas asks: copies as text, what fits behind a node, small pictures, the catalog."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response

from torchwork.draw import copied
from torchwork.experiment import files
from torchwork.serve.drawings import (
    Copied,
    CopyRequest,
    DrawRequest,
    Fits,
    FitsRequest,
    NodePictures,
    Parts,
    PictureRequest,
)
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


@router.post("/draw")
async def draw(request: Request, draw: DrawRequest) -> Response:
    """What the edits make of a text, and the `Drawing` of that: read once, written once, and sent on as it is."""
    asked = draw.model_dump(mode="json")
    return Response(await wanted(request, workbench_of(request).worker.drawing(**asked)), media_type="application/json")


@router.post("/copy")
def copy(copy: CopyRequest) -> Copied:
    """Nodes as text."""
    return Copied(text=copied(files.read(copy.text)[0], copy.level, copy.nodes))


@router.post("/fits")
async def fits(request: Request, fits: FitsRequest) -> Fits:
    """What could stand behind a node."""
    found = await wanted(request, workbench_of(request).worker.call("fits", **fits.model_dump()))
    return Fits.model_validate(found)


@router.post("/node-pictures")
async def node_pictures(request: Request, asked: PictureRequest) -> NodePictures:
    """What each node gives on a real sample."""
    found = await wanted(request, workbench_of(request).worker.call("node_pictures", **asked.model_dump()))
    return NodePictures.model_validate(found)


@router.get("/parts")
async def parts(request: Request) -> Response:
    """The catalog, packed; the browser keeps it and asks whether it is still the same."""
    kept = request.app.state
    if getattr(kept, "parts", None) is None:
        found = await workbench_of(request).worker.call("parts")
        kept.parts = _packed(Parts.model_validate(found).model_dump(mode="json"))
    content, tag = kept.parts
    headers = {"etag": tag, "cache-control": "private, no-cache", "content-encoding": "gzip", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag, "cache-control": headers["cache-control"]})
    return Response(content, media_type="application/json", headers=headers)


def _packed(found: Mapping[str, Any]) -> tuple[bytes, str]:
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(text, 6, mtime=0), f'"{sha256(text).hexdigest()[:16]}"'
