"""Resident, cached and streamed hold the same; damaged pictures are left out alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from torchwork.data import loading
from torchwork.data.cache import Cache
from torchwork.data.loading import Loaded, Loader, decide
from torchwork.data.samples import Held, Samples
from torchwork.data.sources.folder import ImageFolder
from torchwork.data.store import Block, Ragged, Stream
from torchwork.data.transforms import Prepare
from torchwork.errors import DataError
from torchwork.experiment.spec import Transform

WAYS = ("resident", "cached", "streamed")


def loaded(samples: Samples, way: str, folder: Path, *written: object) -> Loaded:
    parts = [Transform.model_validate(item) for item in written]
    return Loader(way, Cache(folder)).load(samples, Prepare(parts), str(parts))


def inputs(item: Loaded) -> list[torch.Tensor]:
    return [item.store.gather(torch.tensor([i]))[0] for i in range(len(item.store))]


@pytest.fixture
def folder(pictures: Callable[..., Path]) -> Samples:
    root = pictures("root", cats=4, dogs=3)
    (root / "cats" / "1.png").write_bytes(b"broken")
    return ImageFolder(str(root)).splits["train"]()


def test_every_way_gives_the_same(folder: Samples, tmp_path: Path) -> None:
    made = [loaded(folder, way, tmp_path / "cache", {"Resize": {"size": [6, 8]}}) for way in WAYS]
    for item in made:
        assert all(map(torch.equal, inputs(item), inputs(made[0])))
        assert item.store.shape == [3, 6, 8] and len(item.store) == 6
        assert item.targets is not None and item.targets.tolist() == [0, 0, 0, 1, 1, 1]
        assert list(item.damage) == [1] and "cats/1.png" in item.damage[1]
        assert "cats/1.png" not in item.names


def test_what_was_decoded_is_used_again(folder: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = loaded(folder, "cached", tmp_path / "cache")
    monkeypatch.setattr(loading, "read_all", lambda *_: pytest.fail("decoded again"))
    again = loaded(folder, "cached", tmp_path / "cache")
    assert all(map(torch.equal, inputs(first), inputs(again))) and again.damage == first.damage
    streamed = tmp_path / "verdicts"
    monkeypatch.undo()
    loaded(folder, "streamed", streamed)
    monkeypatch.setattr(loading, "read_all", lambda *_: pytest.fail("looked through again"))
    assert loaded(folder, "streamed", streamed).damage == first.damage


def test_a_file_that_changed_is_decoded_again(pictures: Callable[..., Path], tmp_path: Path) -> None:
    root = pictures("root", cats=2, dogs=2)
    before = loaded(ImageFolder(str(root)).splits["train"](), "cached", tmp_path / "cache")
    pictures("other", size=(12, 10), mode="L", x=1)
    (root / "cats" / "0.png").write_bytes((tmp_path / "other/x/0.png").read_bytes())
    after = loaded(ImageFolder(str(root)).splits["train"](), "cached", tmp_path / "cache")
    assert not torch.equal(inputs(before)[0], inputs(after)[0]) and torch.equal(inputs(before)[1], inputs(after)[1])


def test_a_damaged_cache_is_made_again(folder: Samples, tmp_path: Path) -> None:
    expected = [item.clone() for item in inputs(loaded(folder, "cached", tmp_path / "cache"))]
    for file in (tmp_path / "cache").rglob("inputs.bin"):
        file.write_bytes(file.read_bytes()[:-5])
    assert all(map(torch.equal, inputs(loaded(folder, "cached", tmp_path / "cache")), expected))


def test_a_cache_that_cannot_be_written_is_told(folder: Samples, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written.*set data.loading to streamed"):
        loaded(folder, "cached", tmp_path / "file")


def test_many_resident_pictures_are_kept_where_that_is_possible(
    folder: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "WORTH_CACHING", 3)
    (tmp_path / "file").write_text("in the way")
    first, blocked = (loaded(folder, "resident", tmp_path / name) for name in ("cache", "file"))
    assert all(map(torch.equal, inputs(first), inputs(blocked)))
    assert [path.name for path in (tmp_path / "cache" / "decoded").iterdir()]
    monkeypatch.setattr(loading, "read_all", lambda *_: pytest.fail("decoded again"))
    assert all(map(torch.equal, inputs(loaded(folder, "resident", tmp_path / "cache")), inputs(first)))


@pytest.mark.parametrize("way", WAYS)
def test_pictures_of_several_sizes_are_kept_one_by_one(pictures: Callable[..., Path], tmp_path: Path, way: str) -> None:
    pictures("root", size=(12, 10), cats=2)
    samples = ImageFolder(str(pictures("root", size=(7, 9), dogs=2))).splits["train"]()
    item = loaded(samples, way, tmp_path / "cache")
    assert item.store.shape is None
    assert [list(one.shape) for one in inputs(item)] == [[3, 10, 12]] * 2 + [[3, 9, 7]] * 2
    assert isinstance(item.store, Stream if way == "streamed" else Ragged)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_but_damage_is_told(pictures: Callable[..., Path], tmp_path: Path, way: str) -> None:
    root = pictures("root", cats=1, dogs=1)
    for file in root.rglob("*.png"):
        file.write_bytes(b"broken")
    with pytest.raises(DataError, match=r"expected at least one"):
        loaded(ImageFolder(str(root)).splits["train"](), way, tmp_path / "cache")


def test_samples_in_memory_are_held_as_they_are(tmp_path: Path) -> None:
    samples = Held(torch.zeros(4, 1, 2, 2, dtype=torch.uint8), None, "key")
    item = loaded(samples, "resident", tmp_path)
    assert isinstance(item.store, Block) and item.store.inputs is samples.inputs


def test_preparation_in_pieces_is_that_of_each(tmp_path: Path) -> None:
    samples = Held(torch.randint(0, 256, (600, 3, 8, 8), dtype=torch.uint8), None, "key")
    store = loaded(samples, "resident", tmp_path, {"Resize": {"size": 5}}, "Grayscale").store
    prepare = Prepare([Transform.model_validate(item) for item in ({"Resize": {"size": 5}}, "Grayscale")])
    assert store.shape == [1, 5, 5]
    assert torch.equal(store.gather(torch.tensor([0, 599]))[1], prepare(samples.inputs[599]))


def test_the_way_is_chosen_by_what_is_free(folder: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def way(memory: int, disk: int) -> tuple[str, str]:
        monkeypatch.setattr(loading, "free_memory", lambda _: memory)
        monkeypatch.setattr(loading, "free_disk", lambda _: disk)
        return decide({"train": folder}, [torch.zeros(100, dtype=torch.uint8)], torch.device("cpu"), Cache(tmp_path))

    assert way(10_000, 0)[0] == "resident"  # seven of 100 bytes
    assert way(1_000, 10_000)[0] == "cached"
    assert way(1_000, 1_000)[0] == "streamed"
    assert "more than a quarter of the free memory" in way(1_000, 1_000)[1]


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 2**20 < loading.free_memory(torch.device("cpu")) < 2**50


def test_facts_are_kept_and_half_written_ones_are_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.keep("statistics", "key", [1, 2])
    assert cache.fact("statistics", "key") == [1, 2] and cache.fact("statistics", "other") is None
    (tmp_path / "statistics" / "key.json").write_text(json.dumps([1, 2])[:-1])
    assert cache.fact("statistics", "key") is None
