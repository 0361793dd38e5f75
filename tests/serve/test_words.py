"""The server's sentences in other languages."""

from __future__ import annotations

from pathlib import Path

from .inprocess import serving


def test_words_come_once_and_are_asked_for_again_by_their_tag(root: Path) -> None:
    with serving(root) as client:
        first = client.get("/api/words", params={"language": "zh"})
        again = client.get("/api/words", params={"language": "zh"}, headers={"if-none-match": first.headers["etag"]})
    assert first.json()["unknown key `{0}`"] == "未知的键 `{0}`"
    assert (again.status_code, again.content) == (304, b"")


def test_there_are_no_words_of_another_language(root: Path) -> None:
    with serving(root) as client:
        answer = client.get("/api/words", params={"language": "../zh"})
    assert answer.status_code == 404
    assert answer.json()["message"] == "there are no words in '../zh'; choose one of zh"


def test_words_of_parts_come_in_their_own_call(root: Path) -> None:
    with serving(root) as client:
        answer = client.get("/api/words/parts", params={"language": "zh"})
        none = client.get("/api/words/parts", params={"language": "fr"})
    assert answer.json()["summaries"]["layer"]["Conv2d"].startswith("二维卷积")
    assert none.status_code == 404
