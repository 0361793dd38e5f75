"""What the doctor says of a document before it is trained: with its data opened and its network resolved."""

from __future__ import annotations

from typing import Any

from torchwork.answer import keeping
from torchwork.answer.opened import opened_data
from torchwork.build import Checked, build
from torchwork.data import data_facts
from torchwork.doctor import Diagnosis, Evidence
from torchwork.doctor import diagnose as diagnosed
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, files
from torchwork.experiment.document import is_model_only
from torchwork.inside import untouched
from torchwork.result import Run
from torchwork.tried import tried as try_out


def diagnose(text: str, path: str, tried: bool = False) -> dict[str, Any]:
    """The `Diagnosis` of a text; `tried` on some of its samples, for half a minute at most.

    Raises:
        DocumentError: it is no document of an experiment.
    """
    plain, lines = files.shared(text, path)
    if is_model_only(plain):
        raise DocumentError(f"{path} is a model alone; the doctor looks at data and loss too: add `data:` and `loss:`")
    return of_checked(keeping.checked(Experiment.parse(plain, file=path, lines=lines)), tried=tried).as_dict()


def diagnose_run(run: str) -> dict[str, Any]:
    """The `Diagnosis` of the run in the folder `run`, with trials of its network.

    Raises:
        TorchworkError: its data are gone, or its network cannot be made again.
    """
    opened = Run.open(run)
    return opened.doctor(with_trials=True, bundle=opened_data(opened)).as_dict()


def of_checked(checked: Checked, *, tried: bool = False, trust: bool = False) -> Diagnosis:
    """What the doctor says of a document that was looked at; of its data only where they could be opened.

    Raises:
        DocumentError: it is to be `tried`, and is not right.
    """
    evidence = Evidence(document=checked.experiment, data=_data(checked))
    if tried:
        with untouched():
            built = build(checked.experiment, trust=trust, opened=checked)
        assert checked.bundle is not None  # else it could not be built
        found = try_out(built.model, built.task, checked.bundle)
        evidence = evidence.with_trials(found.found, found.skipped)
    return diagnosed(evidence)


def _data(checked: Checked) -> dict[str, Any]:
    """What `run.json` would say of the data."""
    bundle = checked.bundle
    if bundle is None:
        return {}
    steps = max(1, len(bundle.train) // checked.experiment.train.accumulate)
    facts = data_facts(train=bundle.train, valid=bundle.valid)
    return {"spec": bundle.spec.as_dict(), "facts": facts, "steps_per_epoch": steps}
