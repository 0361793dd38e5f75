"""What the doctor says of a document before it is trained: with its data opened and its network resolved."""

from __future__ import annotations

from typing import Any

from torchwork.answer import keeping
from torchwork.build import Checked
from torchwork.data import data_facts
from torchwork.doctor import Diagnosis, Evidence
from torchwork.doctor import diagnose as diagnosed
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, files
from torchwork.experiment.document import is_model_only


def diagnose(text: str, path: str) -> dict[str, Any]:
    """The `Diagnosis` of a text.

    Raises:
        DocumentError: it is no document of an experiment.
    """
    plain, lines = files.shared(text, path)
    if is_model_only(plain):
        raise DocumentError(f"{path} is a model alone; the doctor looks at data and loss too: add `data:` and `loss:`")
    return of_checked(keeping.checked(Experiment.parse(plain, file=path, lines=lines))).as_dict()


def of_checked(checked: Checked) -> Diagnosis:
    """What the doctor says of a document that was looked at; of its data only where they could be opened."""
    return diagnosed(Evidence(document=checked.experiment, data=_data(checked)))


def _data(checked: Checked) -> dict[str, Any]:
    """What `run.json` would say of the data."""
    bundle = checked.bundle
    if bundle is None:
        return {}
    steps = max(1, len(bundle.train) // checked.experiment.train.accumulate)
    facts = data_facts(train=bundle.train, valid=bundle.valid)
    return {"spec": bundle.spec.as_dict(), "facts": facts, "steps_per_epoch": steps}
