"""Curves, as bytes that become arrays of the page without parsing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from torchwork.serve import series
from torchwork.serve.messages import SeriesQueries
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


@router.post("/series")
def curves(request: Request, queries: SeriesQueries) -> Response:
    """The asked curves, smoothed and put together for the width of their charts."""
    answer = series.answer(queries.queries, workbench_of(request).workspace.reading)
    return Response(answer, media_type="application/octet-stream")
