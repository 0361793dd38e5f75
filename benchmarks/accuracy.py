"""The accuracy of LeNet on Fashion-MNIST after ten epochs, three seeds."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import training
from benchmarks.measure import ROOT, Options, Report, Spread
from benchmarks.process import fresh

RESNET = ROOT / "examples" / "cifar-resnet.yaml"
LENET_LEAST, RESNET_LEAST = 0.89, 0.85
SEEDS = (1, 2, 3)


def run(options: Options, report: Report) -> None:
    """The last epoch counts: nothing is chosen by the test set."""
    root = options.folder("fashion_mnist")
    found = []
    for seed in SEEDS:
        sizes = {"train__epochs": options.size(10, 1), "data__limit": options.size(60_000, 500)}
        reached, seconds = fresh(trained, training.LENET, training.fashion(root, seed=seed, **sizes))
        report.say(f"  seed {seed}: {reached[-1]:.2%} of the test set after {len(reached)} epochs in {seconds:.0f} s")
        found.append(reached[-1])
    report.check("median of three seeds", Spread.of(found), LENET_LEAST, least=True)


def run_cifar(options: Options, report: Report) -> None:
    """The accuracy of a small ResNet on CIFAR-10 as 60,000 JPEG files after fifteen epochs, and its time."""
    archive = options.folder("cifar10") / "cifar10_jpeg.npz"
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        count = unpack(archive, Path(folder), options.size(0, 20))
        report.say(f"  unpacked {count:,} pictures into folders in {time.perf_counter() - begun:.0f} s")
        settings = {"data.source.ImageFolder.root": folder, "train.epochs": options.size(15, 1)}
        reached, seconds = fresh(trained, RESNET, settings)
    report.say("  by epoch: " + " ".join(f"{value:.1%}" for value in reached))
    report.say(f"  {seconds / 60:.1f} minutes for {len(reached)} epochs, with reading the files")
    report.check("accuracy after the last epoch", reached[-1], RESNET_LEAST, least=True)


def trained(document: Path, settings: dict[str, object]) -> tuple[list[float], float]:
    """Accuracy on the test set by epoch, and the seconds of the whole training with its beginning."""
    begun = time.perf_counter()
    with training.trained(document, settings) as run:
        return run.metrics["valid/accuracy"].values.tolist(), time.perf_counter() - begun


def unpack(archive: Path, folder: Path, most: int = 0) -> int:
    """Writes the JPEG pictures as train/<class>/*.jpg and test/<class>/*.jpg, at most `most` each; how many."""
    content = np.load(archive)
    classes = [str(name) for name in content["classes"]]
    count = 0
    for split in ("train", "test"):
        stream, ends, labels = content[f"jpeg_{split}"], content[f"offset_{split}"], content[f"y_{split}"]
        for name in classes:
            (folder / split / name).mkdir(parents=True)
        for number, label in enumerate(labels[: most or None]):
            path = folder / split / classes[label] / f"{number:05}.jpg"
            path.write_bytes(stream[ends[number] : ends[number + 1]].tobytes())
            count += 1
    return count
