"""One question to one answer: which function answers it, and errors as sentences."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from pydantic_core import to_json

from torchwork.answer import bringing, fits, insights, looking
from torchwork.answer.activations import node_pictures
from torchwork.answer.augmenting import augment
from torchwork.answer.checking import check
from torchwork.answer.diagnosing import diagnose, diagnose_run
from torchwork.answer.drawing import draw
from torchwork.answer.explaining import explain
from torchwork.answer.exporting import export
from torchwork.answer.exporting_text import export_text
from torchwork.answer.leaving import LeftError, Questions
from torchwork.answer.mistaken import mistakes
from torchwork.answer.parameters import parameters
from torchwork.answer.parts import parts
from torchwork.answer.predictions import predictions
from torchwork.answer.scheduling import schedule
from torchwork.answer.telling import Tell, progress
from torchwork.answer.trying import predict, predict_sample, samples
from torchwork.build import schema_names
from torchwork.errors import DocumentError, TorchworkError
from torchwork.experiment import json_schema


def schema(model: bool = False) -> dict[str, Any]:
    """The JSON Schema of an experiment, or of a model alone, with the names and arguments of the catalog."""
    return json_schema(schema_names(), model_only=model)


METHODS: dict[str, Callable[..., Any]] = {
    "augment": augment,
    "check": check,
    "data": looking.data,
    "data_samples": looking.samples,
    "diagnose": diagnose,
    "diagnose_run": diagnose_run,
    "draw": draw,
    "explain": explain,
    "export": export,
    "export_text": export_text,
    "fits": fits.fits,
    "grid": insights.grid,
    "layers": insights.layers,
    "mistakes": mistakes,
    "node_pictures": node_pictures,
    "parameters": parameters,
    "parts": parts,
    "predict": predict,
    "predict_sample": predict_sample,
    "predictions": predictions,
    "python_file": bringing.python_file,
    "samples": samples,
    "schedule": schedule,
    "schema": schema,
    "vision_models": bringing.vision_models,
    "weights": bringing.weights,
}


LEAVABLE = frozenset(
    {"diagnose_run", "explain", "grid", "layers", "mistakes", "predict", "predict_sample", "predictions"}
)
"""Questions that run a network, many times perhaps; others end soon, or keep what they have read for the next."""


TELLING = frozenset({"explain"})
"""Questions that say how far they are."""


def answer(question: str, questions: Questions | None = None, tell: Tell | None = None) -> str:
    """The answer to `{"method": ..., "arguments": {...}}` as JSON: `{"found": ...}` or `{"error": sentence, ...}`.

    A question with a `number` may be given up by what is read meanwhile (`questions`); a long one tells how far it is.
    """
    try:
        asked = json.loads(question)
        method = asked["method"]
        leavable = questions and method in LEAVABLE and "number" in asked
        with questions.answering(asked["number"]) if questions and leavable else nullcontext():
            more = {"progress": progress(tell)} if tell and method in TELLING else {}
            found = METHODS[method](**asked["arguments"], **more)
        return _whole(found) if method == "draw" else _as_json({"found": found})
    except LeftError:
        return _as_json({"error": "nobody waits for this any more", "status": 499})
    except DocumentError as error:
        return _as_json({"error": str(error), "problems": [vars(problem) for problem in error.problems]})
    except (TorchworkError, MemoryError) as error:
        return _as_json({"error": str(error) or "the machine has no memory left for this"})
    except Exception as error:  # whatever torch or a file brings: the server must hear of it, and go on
        traceback.print_exc()
        why = str(error).strip().partition("\n")[0]
        return _as_json({"error": f"torchwork could not answer: {type(error).__name__}: {why}", "status": 500})


def _whole(drawing: dict[str, Any]) -> str:
    """A drawing as the page gets it, without what JSON has no word for: it is the longest answer."""
    return to_json({"found": drawing}, inf_nan_mode="null", fallback=str).decode()


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, default=str)
