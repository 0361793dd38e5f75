"""The application: routes, the guard before them, the built page behind them, and errors in one shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from torchwork.errors import DocumentError, TorchworkError
from torchwork.serve import live
from torchwork.serve.guard import Access, Guard
from torchwork.serve.messages import Problem, Refusal, Session
from torchwork.serve.refusal import ChangedError, RefusedError
from torchwork.serve.routes import (
    bringing,
    data_upload,
    doctor,
    documents,
    drawings,
    edits,
    items,
    jobs,
    looks,
    predict,
    runs,
    series,
    views,
    words,
)
from torchwork.serve.workbench import Workbench, workbench_of

STATIC = Path(str(resources.files("torchwork.serve"))) / "static"
UNBUILT = (
    "<!doctype html><meta charset=utf-8><title>Torchwork</title><p>The page is not built: run <code>make page</code> "
    "in the checkout, or install the wheel."
)
ROUTERS = (
    runs, series, items, live, documents, drawings, edits, jobs, predict, words, views, data_upload, bringing, doctor,
    looks,
)  # fmt: skip


def create_app(workbench: Workbench, access: Access) -> FastAPI:
    """The server's application for one opened folder."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await workbench.close()

    app = FastAPI(title="Torchwork", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.workbench = workbench
    for part in ROUTERS:
        app.include_router(part.router)
    app.add_api_route("/api/session", _session, methods=["GET"])
    app.add_exception_handler(TorchworkError, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(UnicodeEncodeError, _no_text)
    app.add_exception_handler(Exception, _mistaken)
    if (STATIC / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=STATIC / "assets"), name="assets")
    app.add_api_route("/{path:path}", _page, methods=["GET"], include_in_schema=False)
    app.add_middleware(Guard, access=access)
    return app


def _session(request: Request) -> Session:
    return workbench_of(request).session


def _page(path: str) -> Response:
    """The page, for every address that is no file of its own: a deep link is the page's business."""
    if path.startswith("api/"):
        raise HTTPException(404, f"there is no /{path}")
    if path in ("favicon.svg",) and (STATIC / path).is_file():
        return FileResponse(STATIC / path)
    index = STATIC / "index.html"
    return FileResponse(index) if index.is_file() else HTMLResponse(UNBUILT, 503)


def _refused(request: Request, error: Exception) -> JSONResponse:
    """Every error in one shape, with the status that fits."""
    refusal = Refusal(message=_sentence(error), problems=_problems(error), stored=_stored(error))
    return JSONResponse(refusal.model_dump(), _status(error))


def _no_text(request: Request, error: Exception) -> JSONResponse:
    """JSON can spell half of a surrogate pair, which no file and no answer can hold."""
    return JSONResponse(
        Refusal(message="the request holds half a character; send whole Unicode text").model_dump(), 400
    )


def _mistaken(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: starlette prints its traceback in the terminal, the page says where to look."""
    told = f"the server made a mistake ({type(error).__name__}): the terminal where it runs says more; please report it"
    return JSONResponse(Refusal(message=told).model_dump(), 500)


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 422
    return error.status if isinstance(error, RefusedError) else 400


def _sentence(error: Exception) -> str:
    if isinstance(error, HTTPException):
        return str(error.detail)
    if isinstance(error, RequestValidationError):
        return "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
    return str(error)


def _stored(error: Exception) -> str | None:
    return error.stored if isinstance(error, ChangedError) else None


def _problems(error: Exception) -> list[Problem]:
    if not isinstance(error, DocumentError):
        return []
    return [
        Problem(message=found.message, place=found.path, line=found.line or None, fix=found.fix)
        for found in error.problems
    ]
