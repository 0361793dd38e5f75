"""Pictures in every mode become uint8 [channels, height, width]."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from torchwork.data.pictures import DamagedFileError, as_picture, decode, from_pil, header_mode, is_grey
from torchwork.errors import DataError


def gradient(mode: str = "RGB") -> Image.Image:
    pixels = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "PA"])
def test_every_mode_becomes_colour_and_grey(mode: str) -> None:
    image = gradient("L").convert(mode) if mode in ("LA", "I", "F", "PA") else gradient(mode)
    for wanted, channels in (("RGB", 3), ("L", 1)):
        picture = from_pil(image, wanted)
        assert picture.dtype == torch.uint8 and picture.shape == (channels, 4, 6)


def test_a_colour_picture_keeps_its_pixels() -> None:
    assert np.array_equal(from_pil(gradient()).permute(1, 2, 0).numpy(), np.asarray(gradient()))


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 256, 32768, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert decode(tmp_path / "deep.png", "L").tolist() == [[[0, 1, 128, 255]]]


def test_transparent_pixels_are_white() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert from_pil(image)[:, 0].T.tolist() == [[255, 0, 0], [255, 255, 255]]


def test_pictures_are_turned_as_their_exif_says() -> None:
    image = gradient()
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    file = BytesIO()
    image.save(file, "PNG", exif=exif)
    assert torch.equal(decode(file.getvalue()), from_pil(image.transpose(Image.Transpose.ROTATE_270)))


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\nnothing"])
def test_what_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"odd.png"):
        decode(tmp_path / "odd.png")


def test_a_picture_cut_off_is_damaged(tmp_path: Path) -> None:
    file = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    with pytest.raises(DamagedFileError, match=r"cut.jpg cannot be decoded"):
        decode(tmp_path / "cut.jpg")


def test_arrays_and_tensors_in_both_layouts_are_the_same_picture() -> None:
    picture = from_pil(gradient())
    rows = picture.permute(1, 2, 0)
    for value in (picture, rows, rows.numpy(), picture.numpy(), picture / 255, gradient()):
        assert torch.equal(as_picture(value, "RGB"), picture)


def test_an_array_that_is_no_picture_is_refused() -> None:
    with pytest.raises(DataError, match=r"got an array of shape \[5, 6, 7\]"):
        as_picture(np.zeros((5, 6, 7)), "RGB")


def test_headers_tell_grey(tmp_path: Path) -> None:
    gradient("L").save(tmp_path / "grey.png")
    gradient().save(tmp_path / "colour.png")
    assert is_grey(header_mode(tmp_path / "grey.png")) and not is_grey(header_mode(tmp_path / "colour.png"))
    assert header_mode(tmp_path / "none.png") is None
