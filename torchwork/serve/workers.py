"""The processes that know torch: one for edits and drawings, another for what takes long, which no edit waits for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torchwork.serve.worker import Worker

SLOW = frozenset(
    (
        "augment", "data_samples", "diagnose_run", "explain", "export", "export_text", "grid", "layers", "mistakes",
        "node_pictures", "predict", "predict_sample", "predictions", "python_file", "samples", "vision_models",
        "weights",
    )
)  # fmt: skip
"""Questions that read data, compute with weights or search packages: half a second and more."""
IDLE = 300.0
"""Seconds after which the process for these ends: it holds some 400 MB, and its data."""


class Workers:
    """Sends each question to its process; the one for slow ones is started by the first of them."""

    def __init__(self, root: Path) -> None:
        self.quick, self.slow = Worker(root), Worker(root, idle=IDLE)

    def warm(self) -> None:
        """Starts the process for edits before anybody asks."""
        self.quick.warm()

    async def call(self, method: str, /, **arguments: Any) -> Any:
        """What the process answers; raises what `Worker.call` raises."""
        slow = method in SLOW or bool(arguments.get("measure") or arguments.get("tried"))
        return await (self.slow if slow else self.quick).call(method, **arguments)

    def progress(self, method: str, run: str) -> float | None:
        """How much of a slow question about a run is answered, 0 to 1; None: nobody knows."""
        return self.slow.progress(method, run)

    async def drawing(self, **arguments: Any) -> bytes:
        """The message `Drawing` as JSON, as the process for edits writes it; raises what `Worker.call` raises."""
        return await self.quick.call_json("draw", **arguments)

    async def close(self) -> None:
        """Ends both."""
        await self.quick.close()
        await self.slow.close()
