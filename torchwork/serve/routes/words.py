"""`/api/words`: the server's sentences in other languages, for the page to show."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from fastapi import APIRouter, Request, Response

from torchwork import words
from torchwork.serve.refusal import NotFoundError

router = APIRouter(prefix="/api")


@router.get("/words")
def in_language(request: Request, language: str) -> Response:
    """Every English template with its translation; the browser keeps them and asks whether they are still the same."""
    return _kept(request, language, words.catalogue)


@router.get("/words/parts")
def of_parts(request: Request, language: str) -> Response:
    """What is said of layers, losses and the like, and of their arguments: `torchwork.words.parts`."""
    return _kept(request, language, words.parts)


def _kept(request: Request, language: str, text: Callable[[str], str]) -> Response:
    if language not in words.LANGUAGES:
        raise NotFoundError(f"there are no words in {language[:20]!r}; choose one of {', '.join(words.LANGUAGES)}")
    content = text(language).encode()
    headers = {"etag": f'"{sha256(content).hexdigest()[:16]}"', "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
