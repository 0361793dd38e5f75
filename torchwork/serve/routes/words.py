"""`/api/words`: the server's sentences in other languages, for the page to show."""

from __future__ import annotations

from hashlib import sha256

from fastapi import APIRouter, Request, Response

from torchwork import words
from torchwork.serve.refusal import NotFoundError

router = APIRouter(prefix="/api")


@router.get("/words")
def in_language(request: Request, language: str) -> Response:
    """Every English template with its translation; the browser keeps them and asks whether they are still the same."""
    if language not in words.LANGUAGES:
        raise NotFoundError(f"there are no words in {language[:20]!r}; choose one of {', '.join(words.LANGUAGES)}")
    content = words.catalogue(language).encode()
    headers = {"etag": f'"{sha256(content).hexdigest()[:16]}"', "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
