"""What a server has at hand: the opened folder, its runs and documents, the jobs, and the processes that know torch."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import cast

from starlette.requests import HTTPConnection

from torchwork.serve.diagnoses import Diagnoses
from torchwork.serve.documents import Documents
from torchwork.serve.held import HeldPictures
from torchwork.serve.importing import Imports
from torchwork.serve.jobs import Jobs
from torchwork.serve.messages import Session
from torchwork.serve.workers import Workers
from torchwork.serve.workspace import Workspace


@dataclass(frozen=True)
class Workbench:
    """Everything that routes need, for one opened folder."""

    root: Path
    session: Session
    workspace: Workspace
    documents: Documents
    jobs: Jobs
    worker: Workers
    imports: Imports
    pictures: HeldPictures
    diagnoses: Diagnoses = field(default_factory=Diagnoses)

    @classmethod
    def open(cls, folder: Path) -> Workbench:
        """The workbench of a folder that exists."""
        root = folder.resolve()
        session = Session(
            version=metadata.version("torchwork"),
            instance=secrets.token_hex(4),
            folder=str(root),
            name=root.name or str(root),
            writable=os.access(root, os.W_OK),
        )
        documents = Documents(root)
        imports = Imports(root, documents)
        return cls(root, session, Workspace(root), documents, Jobs(root), Workers(root), imports, HeldPictures())

    async def close(self) -> None:
        """Ends the workers and imports; trainings go on."""
        self.imports.close()
        await self.worker.close()


def workbench_of(connection: HTTPConnection) -> Workbench:
    """The workbench of a request or socket."""
    return cast(Workbench, connection.app.state.workbench)
