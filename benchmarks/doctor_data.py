"""The data sets of the doctor's benchmark: small pieces of Shapes, Fashion-MNIST and CIFAR-10 as plain arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.measure import Options
from torchwork.data.sources.idx import read_idx
from torchwork.data.sources.shapes import Shapes

Arrays = dict[str, np.ndarray]
"""x_train [n, ...], y_train [n], x_valid, y_valid"""
TRAIN, VALID, SIZE = 2048, 256, 24
SETS = ("shapes", "fashion", "cifar")
"""Rules were tuned on the first two; the third was held out. Healthy trainings may take `mnist` too."""


def arrays(name: str, options: Options, piece: int = 1) -> Arrays:
    """2048 training and 256 validation pictures of 24 by 24 pixels, uint8; `piece`: which of the data set.

    Raises:
        SkippedError: the data set is not there.
    """
    x, y = {"shapes": _shapes, "fashion": _fashion, "cifar": _cifar, "mnist": _mnist}[name](options)
    order = np.random.default_rng(piece).permutation(len(x))[: TRAIN + VALID]
    edge = (x.shape[-1] - SIZE) // 2
    x, y = x[order, :, edge : edge + SIZE, edge : edge + SIZE], y[order].astype(np.int64)
    return {"x_train": x[:TRAIN], "y_train": y[:TRAIN], "x_valid": x[TRAIN:], "y_valid": y[TRAIN:]}


def _shapes(options: Options) -> tuple[np.ndarray, np.ndarray]:
    scenes = Shapes(size=SIZE, classes=["circle", "triangle", "cross", "heart", "E"]).render(
        "train", np.arange(TRAIN + VALID)
    )
    return scenes.pictures, scenes.classes[:, 0]


def _fashion(options: Options) -> tuple[np.ndarray, np.ndarray]:
    return _idx(options.folder("fashion_mnist"))


def _mnist(options: Options) -> tuple[np.ndarray, np.ndarray]:
    return _idx(options.folder("mnist"))


def _idx(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    return (
        read_idx(folder / "train-images-idx3-ubyte.gz")[:8000, None],
        read_idx(folder / "train-labels-idx1-ubyte.gz")[:8000],
    )


def _cifar(options: Options) -> tuple[np.ndarray, np.ndarray]:
    with np.load(options.folder("cifar10") / "cifar10_lossless_train4000.npz", allow_pickle=False) as found:
        return found["x"].transpose(0, 3, 1, 2), found["y"]


def save(folder: Path, content: Arrays) -> Path:
    """The arrays as the file of the document's data source."""
    path = folder / "data.npz"
    np.savez(path, **content)  # type: ignore[arg-type]
    return path
