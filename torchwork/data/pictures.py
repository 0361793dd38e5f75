"""Picture files and objects as uint8 tensors [channels, height, width], whatever mode they were stored in."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from torchwork.errors import DataError

EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"})
"""What counts as a picture in a folder: the same as for torchvision's ImageFolder."""

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


class DamagedFileError(DataError):
    """One picture that cannot be decoded; it is named, counted and left out."""


def decode(file: Path | str | BytesIO | bytes, mode: str = "RGB") -> Tensor:
    """A picture file as uint8 [channels, height, width] of mode "RGB" or "L"; DamagedFileError when it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow's remarks on odd EXIF blocks and palettes: the picture is what counts
            with Image.open(BytesIO(file) if isinstance(file, bytes) else file) as image:
                return from_pil(image, mode)
    except FileNotFoundError:
        raise DamagedFileError(f"expected a picture at {file!s}, found no file; check the path") from None
    except IsADirectoryError:
        raise DamagedFileError(f"expected a picture at {file!s}, found a folder; give the pictures in it") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError) as error:
        name = file if isinstance(file, str | Path) else "the picture"
        raise DamagedFileError(
            f"{name} cannot be decoded ({_first_line(error)}); save it anew, as PNG or JPEG"
        ) from None


def _first_line(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is no picture of a known format"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__


def from_pil(image: Image.Image, mode: str = "RGB") -> Tensor:
    """A Pillow image as uint8 [channels, height, width]: turned by its EXIF, alpha laid on white, 16 bits cut to 8."""
    image = _on_white(_eight_bits(ImageOps.exif_transpose(image)))
    if not is_grey(image.mode):
        image = image.convert("RGB")  # LAB has no other way out
    array = np.array(image.convert(mode), dtype=np.uint8)
    if array.ndim == 2:
        return torch.from_numpy(array[None])
    return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and float pictures, which Pillow's own conversion would clip to white."""
    if image.mode.startswith("I"):
        words = np.asarray(image).clip(0, 65535).astype(np.uint16)
        return Image.fromarray((words >> 8).astype(np.uint8))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        scaled = values * 255 if values.max(initial=0) <= 1 else values
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(ground, with_alpha).convert("RGB")


def header_mode(file: Path | str) -> str | None:
    """The mode Pillow finds in a file's header, None when it is no picture; nothing is decoded."""
    try:
        with Image.open(file) as image:
            return image.mode
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def is_grey(mode: str | None) -> bool:
    """Whether pictures of this mode have one channel."""
    return mode in GREY_MODES


def as_picture(value: Any, mode: str) -> Tensor:
    """A path, bytes, Pillow image, array or tensor as uint8 [channels, height, width] of `mode`; else DataError."""
    if isinstance(value, Image.Image):
        return from_pil(value, mode)
    if isinstance(value, str | Path | bytes | BytesIO):
        return decode(value, mode)
    array = value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)
    return from_pil(Image.fromarray(_to_hwc(array)), mode)


def _to_hwc(array: np.ndarray) -> np.ndarray:
    """uint8 [h, w], [h, w, 3] or [h, w, 4] of an array in either layout; floats count as 0..1."""
    ends = {array.shape[0], array.shape[-1]} if array.ndim == 3 else {1}
    if array.ndim not in (2, 3) or not ends & {1, 3, 4}:
        shape = list(array.shape)
        raise DataError(f"expected a picture as [h, w], [h, w, c] or [c, h, w], got an array of shape {shape}")
    if array.ndim == 3 and array.shape[-1] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.dtype != np.uint8:
        values = array.astype(np.float64) * 255 if array.dtype.kind == "f" else array
        array = values.clip(0, 255).round()
    array = np.ascontiguousarray(array.astype(np.uint8))
    return array[..., 0] if array.ndim == 3 and array.shape[-1] == 1 else array
