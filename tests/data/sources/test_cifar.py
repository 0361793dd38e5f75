"""Both versions of CIFAR, and pickles that are not data."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchwork.data.samples import Held
from torchwork.data.sources.cifar import CIFAR10, CIFAR100
from torchwork.data.sources.plain_pickle import read_plain_pickle
from torchwork.errors import DataError

TRAIN = [f"data_batch_{i}" for i in range(1, 6)]


def pixels(seed: int = 0, count: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)


def binary(folder: Path) -> None:
    folder.mkdir()
    for seed, name in enumerate([*TRAIN, "test_batch"]):
        labels = np.arange(4, dtype=np.uint8)[:, None] + seed
        (folder / f"{name}.bin").write_bytes(np.concatenate((labels, pixels(seed)), axis=1).tobytes())


def python(folder: Path, protocol: int, keys: type) -> None:
    folder.mkdir()
    for seed, name in enumerate([*TRAIN, "test_batch"]):
        content: dict[Any, Any] = {
            "data": pixels(seed),
            "labels": [int(i) + seed for i in range(4)],
            "batch_label": name,
        }
        if keys is bytes:
            content = {key.encode(): value for key, value in content.items()}
        (folder / name).write_bytes(pickle.dumps(content, protocol))


def check(root: Path) -> None:
    source = CIFAR10(str(root))
    train, test = source.splits["train"](), source.splits["test"]()
    assert isinstance(train, Held) and train.inputs.shape == (20, 3, 32, 32) and train.targets is not None
    assert train.targets[4:8].tolist() == [1, 2, 3, 4]
    assert np.array_equal(train.inputs[4:8].numpy().reshape(4, -1), pixels(1))
    assert test.targets is not None and test.targets.tolist() == [5, 6, 7, 8]


def test_the_binary_version(tmp_path: Path) -> None:
    binary(tmp_path / "cifar-10-batches-bin")
    check(tmp_path)
    check(tmp_path / "cifar-10-batches-bin")


@pytest.mark.parametrize("keys", [str, bytes])
@pytest.mark.parametrize("protocol", range(2, 6))
def test_the_python_version_in_every_protocol(tmp_path: Path, protocol: int, keys: type) -> None:
    python(tmp_path / "cifar-10-batches-py", protocol, keys)
    check(tmp_path)


def test_a_pickle_as_python_2_wrote_it(tmp_path: Path) -> None:
    """Text as raw bytes, as in the published files."""
    raw = (
        b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b"
    )
    raw += b"\x87Rq\x05(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xff"
    raw += b"J\xff\xff\xff\xffK\x00tb\x89U\x06\x00\x01\xff\x80\x03\x04tbU\x06labelsq\x07]q\x08(K\x06K\x09eu."
    (tmp_path / "x").write_bytes(raw)
    content = read_plain_pickle(tmp_path / "x")
    assert content["labels"] == [6, 9] and content["data"].tolist() == [[0, 1, 255], [128, 3, 4]]


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("was_here"),))


@pytest.mark.parametrize("content", [
    pickle.dumps({"data": Evil()}),
    b"cos\nsystem\n(S'touch was_here'\ntR.",
    b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x031+1\x85R.",
    b"(S'was_here'\nios\nmkdir\n.",
    b"\x80\x02cnumpy\nload\nU\x01x\x85R.",
])  # fmt: skip
def test_a_pickle_that_calls_anything_is_refused(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=r"do not trust it|damaged"):
        read_plain_pickle(tmp_path / "x")
    assert not (tmp_path / "was_here").exists()


@pytest.mark.parametrize("cut", [0, 1, 30, 2000])
def test_a_pickle_cut_off_is_damaged(tmp_path: Path, cut: int) -> None:
    (tmp_path / "x").write_bytes(pickle.dumps({"data": pixels()})[:cut])
    with pytest.raises(DataError, match=r"x cannot be read.*get it again"):
        read_plain_pickle(tmp_path / "x")


def test_a_binary_file_cut_off_is_told(tmp_path: Path) -> None:
    binary(tmp_path / "cifar-10-batches-bin")
    file = tmp_path / "cifar-10-batches-bin" / "data_batch_3.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"data_batch_3.bin: expected records of 3073 bytes"):
        CIFAR10(str(tmp_path)).splits["train"]()


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected data_batch_1, .* found none; set root"):
        CIFAR10(str(tmp_path))


def test_cifar_100_has_its_names_from_the_file_beside(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-100-binary"
    folder.mkdir()
    labels = np.array([[3, 7], [1, 99]], dtype=np.uint8)
    for name in ("train", "test"):
        (folder / f"{name}.bin").write_bytes(np.concatenate((labels, pixels(count=2)), axis=1).tobytes())
    (folder / "fine_label_names.txt").write_text("\n".join(f"thing{i}" for i in range(100)))
    source = CIFAR100(str(tmp_path))
    train = source.splits["train"]()
    assert (
        train.targets is not None
        and train.targets.tolist() == [7, 99]
        and source.classes
        and source.classes[99] == "thing99"
    )
