"""torchwork against the usual loop: a torchvision data set, ToTensor, a DataLoader, a plain process."""

from __future__ import annotations

import gzip
import itertools
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from benchmarks import bare, training
from benchmarks.measure import Options, Report, in_turns, ratios
from benchmarks.process import fresh
from torchwork.catalog import vision

BATCH = 100
WORKERS, THREADS = (0, 1, 2), (1, 2)
LIMITS = {False: (3.0, 1.8), True: (3.5, 2.0)}
"""Without and with crop and flip: at least so many times as fast as DataLoader's defaults, and as its best settings."""
DEFAULTS, OURS, BARE = "usual loop, DataLoader's defaults", "torchwork", "the bare computation, tuned"
COUNTED = """
The usual loop: torchvision.datasets.FashionMNIST, transforms per sample, DataLoader(batch_size=100, shuffle=True), the
same network, CrossEntropyLoss, torch.optim.Adam; nothing is recorded, validated or saved. torchwork: the same from the
document, everything recorded, histograms and checkpoint counted, validation not. An epoch each, in fresh processes.
The bare computation (one preloaded batch, nothing else) shows the bound: nobody computes faster by loading better."""


def run(options: Options, report: Report) -> None:
    """Epochs as they are, and with random crop and flip for each picture."""
    files = options.folder("fashion_mnist")
    report.say(COUNTED)
    with tempfile.TemporaryDirectory() as folder:
        root = unpacked(files, Path(folder))
        for augmented in LIMITS:
            compare(root, files, augmented, options, report)


def compare(root: Path, files: Path, augmented: bool, options: Options, report: Report) -> None:
    """Looks for DataLoader's best settings first, then measures them in turns with the others."""
    samples = options.size(bare.SAMPLES, 1000)

    def loop(workers: int, threads: int | None) -> float:
        return fresh(loop_seconds, root, augmented, samples, workers, threads)

    tried = {choice: loop(*choice) for choice in itertools.product(WORKERS, THREADS)}
    workers, threads = min(tried, key=lambda choice: tried[choice])
    best = f"usual loop, {workers} workers, {threads} threads"
    settings = training.fashion(
        files, data__augment=training.CROP_AND_FLIP if augmented else "[]", train__epochs=3, data__batch_size=BATCH,
        data__limit=options.size(bare.SAMPLES, 1000),
    )  # fmt: skip
    sides = {
        DEFAULTS: partial(loop, 0, None),
        OURS: partial(fresh, training.epoch_seconds, settings),
        best: partial(loop, workers, threads),
        BARE: partial(fresh, bare.epoch_seconds, files, BATCH, tuned=True, samples=samples),
    }
    found = in_turns(sides, options.rounds)
    report.table(f"{'with crop and flip' if augmented else 'pictures as they are'}, seconds an epoch", found)
    for (count, number), seconds in tried.items():
        report.say(f"    tried once: {count} workers, {number} threads: {seconds:.3g} s")
    for side, limit in zip((DEFAULTS, best), LIMITS[augmented], strict=True):
        report.check(f"{side} / torchwork", ratios(found[side], found[OURS]), limit, least=True)
        report.say(f"    the bound, {side} / bare: {ratios(found[side], found[BARE])}")


def unpacked(files: Path, root: Path) -> Path:
    """A folder as torchvision wants it: its own names, not zipped."""
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in files.glob("*-ubyte*"):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rb") as source, (raw / file.name.removesuffix(".gz")).open("wb") as target:
            shutil.copyfileobj(source, target)
    return root


def loop_seconds(root: Path, augmented: bool, samples: int, workers: int, threads: int | None) -> float:
    """Seconds of an epoch of the loop that people write: the mean of two after a short one."""
    if threads:
        torch.set_num_threads(threads)
    data = pictures(root, augmented)
    epoch(Subset(data, range(samples // 10)), workers)
    return statistics.mean(epoch(Subset(data, range(samples)), workers) for _ in range(2))


def epoch(data: Dataset[Any], workers: int) -> float:
    """One epoch with a new network."""
    model, criterion = bare.lenet(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(data, batch_size=BATCH, shuffle=True, num_workers=workers)
    begun = time.perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
    return time.perf_counter() - begun


def pictures(root: Path, augmented: bool) -> Dataset[Any]:
    """Fashion-MNIST by torchvision, each picture transformed when it is asked for."""
    torchvision = vision()
    transforms = torchvision.transforms
    steps = [transforms.RandomCrop(28, padding=4), transforms.RandomHorizontalFlip()] if augmented else []
    data: Dataset[Any] = torchvision.datasets.FashionMNIST(
        str(root), train=True, transform=transforms.Compose([*steps, transforms.ToTensor()])
    )
    return data
