"""A console longer than one answer, page by page from its end."""

from __future__ import annotations

from pathlib import Path

from httpx import Client

from torchwork.record import RunFolder


def test_all_of_a_long_console_can_be_had_backwards(client: Client, root: Path) -> None:
    lines = [f"第 {number} line\n" for number in range(60_000)]
    (RunFolder.create(root, "a", number=False).path / "console.log").write_text("".join(lines), "utf-8")
    part = client.get("/api/console", params={"run": "a"}).json()
    texts = [part["text"]]
    assert part["restart"] and part["begin"] > 0
    while part["begin"]:
        earlier = client.get("/api/console", params={"run": "a", "before": part["begin"]}).json()
        assert earlier["offset"] == part["begin"] > earlier["begin"]
        part = earlier
        texts.append(part["text"])
    assert "".join(reversed(texts)) == "".join(lines)
    assert client.get("/api/console", params={"run": "a", "before": 0}).json()["text"] == ""
