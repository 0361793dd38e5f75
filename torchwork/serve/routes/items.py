"""Distributions, pictures, sounds, texts, graphs: what is no curve."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse

from torchwork.record.info import without_nan
from torchwork.serve import items
from torchwork.serve.messages import Histograms
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


@router.get("/histograms")
def histograms(request: Request, run: str, tag: str, most: Annotated[int, Query(ge=2, le=2000)] = 60) -> Histograms:
    """The distributions of a tag over time."""
    return items.histograms(workbench_of(request).workspace, run, tag, most)


@router.get("/item")
def item(request: Request, run: str, tag: str, index: int, part: int = 0) -> Response:
    """One thing: the bytes of a picture or sound (`x-parts` says how many there are), or JSON."""
    found = items.item(workbench_of(request).workspace, run, tag, index, part)
    if isinstance(found, items.Media):
        headers = {"x-parts": str(found.parts), "content-disposition": "inline"}
        return Response(found.data, media_type=found.type, headers=headers)
    return JSONResponse(found.model_dump(mode="json") if isinstance(found, BaseModel) else without_nan(found))
