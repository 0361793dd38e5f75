"""The page's types are those of the messages."""

from __future__ import annotations

from pathlib import Path

from torchwork.serve.typescript import typescript

MADE = Path(__file__).parents[2] / "frontend" / "src" / "api" / "messages.ts"


def test_the_pages_types_are_made_from_the_messages_of_today() -> None:
    assert MADE.read_text("utf-8") == typescript(), "make types"


def test_kinds_of_types() -> None:
    text = typescript()
    assert "export interface SeriesPart {" in text
    assert '  state: "queued" | "running" | "stopping" | "ended";' in text
    assert "  facts: [string, string][];" in text
    assert "  last: Record<string, number | " in text
    assert "export type News = Hello | " in text
