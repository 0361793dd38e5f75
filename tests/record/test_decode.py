"""What is not a scalar: tensors of every dtype and both ways of storing them, histograms of both styles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util.tensor_util import make_tensor_proto

from torchwork.errors import RunFolderError
from torchwork.record import EventWriter, read_run, summary
from torchwork.record.decode import decode, scalar, tensor
from torchwork.record.frame import frame

NUMBERS = [
    "float32",
    "float64",
    "float16",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("values", [[[0, 1, 2], [3, 100, 101]], [-3, 1], [[1]], []])
def test_tensors_of_any_dtype_as_others_pack_them(dtype: str, values: list) -> None:
    if dtype.startswith("u") and values == [-3, 1]:
        values = [3, 1]
    array = np.array(values).astype(dtype)
    proto = make_tensor_proto(array)
    proto.tensor_content, content = b"", array.tobytes()
    packed = TensorProto(dtype=proto.dtype, tensor_shape=proto.tensor_shape, tensor_content=content)
    for message in (make_tensor_proto(array), packed):
        found = tensor(message.SerializeToString())
        assert found.shape == array.shape and np.array_equal(found, array)


def test_one_value_stands_for_all_without_taking_memory() -> None:
    proto = TensorProto(dtype=1, float_val=[2.5])
    for size in (10**6, 10**6):
        proto.tensor_shape.dim.add(size=size)
    found = tensor(proto.SerializeToString())
    assert found.shape == (10**6, 10**6) and found[5, 5] == 2.5


def test_bfloat16_becomes_float32() -> None:
    proto = TensorProto(dtype=14, half_val=[0x3FC0, 0xC000])
    proto.tensor_shape.dim.add(size=2)
    assert tensor(proto.SerializeToString()).tolist() == [1.5, -2.0]


def test_scalars_in_tensors() -> None:
    assert scalar(make_tensor_proto(np.int64(7)).SerializeToString()) == 7.0
    assert scalar(make_tensor_proto(np.zeros(2)).SerializeToString()) is None
    assert scalar(make_tensor_proto("text").SerializeToString()) is None


def test_double_and_integer_scalars_of_tensorflow_2_are_curves(tmp_path: Path) -> None:
    value = Summary.Value(tag="count", tensor=make_tensor_proto(np.float64(2**53 - 1)))
    value.metadata.plugin_data.plugin_name = "scalars"
    (tmp_path / "tfevents").write_bytes(frame(summary.summary_event(0.0, 3, value.SerializeToString())))
    assert read_run(tmp_path)["count"].values.tolist() == [2.0**53 - 1]


def test_a_plugin_is_remembered_from_the_first_value(tmp_path: Path) -> None:
    first = Summary.Value(tag="h", tensor=make_tensor_proto(np.array([[0.0, 1.0, 5.0], [1.0, 3.0, 6.0]])))
    second = Summary.Value(tag="h", tensor=first.tensor)
    first.metadata.plugin_data.plugin_name = "histograms"
    records = [
        frame(summary.summary_event(0.0, step, value.SerializeToString())) for step, value in enumerate((first, second))
    ]
    (tmp_path / "a.tfevents").write_bytes(records[0])
    (tmp_path / "b.tfevents").write_bytes(records[1])
    items = read_run(tmp_path).items("h")
    assert [item.kind for item in items] == ["histogram", "histogram"]
    assert items[1].read().edges.tolist() == [0.0, 1.0, 3.0] and items[1].read().counts.tolist() == [5.0, 6.0]


def test_the_open_first_bucket_of_old_histograms_begins_at_the_smallest_value() -> None:
    value = Summary.Value(tag="h")
    value.histo.min, value.histo.max = -2.0, 3.0
    value.histo.bucket_limit.extend([-1.0, 1.0, 1.7e308])
    value.histo.bucket.extend([1, 2, 3])
    found = decode(value.SerializeToString(), "histogram")
    assert found.edges.tolist() == [-2.0, -1.0, 1.0, 3.0] and found.counts.tolist() == [1, 2, 3]


def test_pictures_of_tensorflow_2(tmp_path: Path) -> None:
    value = Summary.Value(tag="p", tensor=make_tensor_proto([b"2", b"2", b"one", b"two"]))
    assert decode(value.SerializeToString(), "image") == [b"one", b"two"]


def test_an_item_whose_file_is_gone_says_so(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.text(4, "note", "x")
    item = read_run(tmp_path).items("note")[0]
    item.path.unlink()
    with pytest.raises(RunFolderError, match="text note of step 4 cannot be read"):
        item.read()
