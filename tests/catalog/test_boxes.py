"""The plain torch box operators against slow definitions written out."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torchwork.catalog.boxes import nms, roi_align


def greedy(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> list[int]:
    """Non-maximum suppression as its definition reads."""
    kept: list[int] = []
    for index in scores.argsort(descending=True, stable=True).tolist():
        if all(overlap(boxes[index], boxes[other]) <= threshold for other in kept):
            kept.append(index)
    return kept


def overlap(one: torch.Tensor, two: torch.Tensor) -> float:
    low, high = torch.maximum(one[:2], two[:2]), torch.minimum(one[2:], two[2:])
    shared = (high - low).clamp(min=0).prod()
    return float(shared / ((one[2:] - one[:2]).prod() + (two[2:] - two[:2]).prod() - shared))


@given(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from([0.2, 0.5, 0.8]))
def test_nms_is_greedy(seed: int, count: int, threshold: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(count, 2, generator=generator) * 4
    boxes = torch.cat([low, low + 0.5 + torch.rand(count, 2, generator=generator) * 3], dim=1)
    scores = torch.rand(count, generator=generator)
    assert nms(boxes, scores, threshold).tolist() == greedy(boxes, scores, threshold)


def sample(plane: torch.Tensor, y: float, x: float) -> torch.Tensor:
    """One bilinear sample of [C,H,W]; zero outside [-1, size]."""
    _, height, width = plane.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return plane.new_zeros(plane.shape[0])
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    dy, dx = y - top, x - left
    above = (1 - dx) * plane[:, top, left] + dx * plane[:, top, right]
    below = (1 - dx) * plane[:, bottom, left] + dx * plane[:, bottom, right]
    return (1 - dy) * above + dy * below


def slow_roi_align(
    input: torch.Tensor, roi: torch.Tensor, scale: float, pooled: int, ratio: int, aligned: bool
) -> torch.Tensor:
    batch, x1, y1, x2, y2 = roi.tolist()
    shift = 0.5 if aligned else 0.0
    x1, y1, x2, y2 = (value * scale - shift for value in (x1, y1, x2, y2))
    width, height = (x2 - x1, y2 - y1) if aligned else (max(x2 - x1, 1.0), max(y2 - y1, 1.0))
    rows = ratio or max(1, int(torch.tensor(height / pooled).ceil()))
    columns = ratio or max(1, int(torch.tensor(width / pooled).ceil()))
    out = input.new_zeros(input.shape[1], pooled, pooled)
    for py, px in product(range(pooled), repeat=2):
        ys = [y1 + (py + (i + 0.5) / rows) * height / pooled for i in range(rows)]
        xs = [x1 + (px + (j + 0.5) / columns) * width / pooled for j in range(columns)]
        out[:, py, px] = torch.stack([sample(input[int(batch)], y, x) for y, x in product(ys, xs)]).mean(dim=0)
    return out


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [0, 2])
def test_roi_align_is_its_definition(aligned: bool, ratio: int) -> None:
    torch.manual_seed(0)
    input = torch.rand(2, 3, 7, 9, dtype=torch.float64)
    low = torch.rand(6, 2, dtype=torch.float64) * 12 - 3  # some regions lie outside the map
    rois = torch.cat([torch.tensor([[0.0], [1], [0], [1], [1], [0]]), low, low + torch.rand(6, 2) * 12], dim=1)
    found = roi_align(input, rois, 0.75, 3, 3, ratio, aligned)
    for region, expected in zip(found, rois, strict=True):
        torch.testing.assert_close(region, slow_roi_align(input, expected, 0.75, 3, ratio, aligned))


def test_roi_align_has_gradients_and_takes_no_regions() -> None:
    input = torch.rand(1, 2, 5, 5, dtype=torch.float64, requires_grad=True)
    rois = torch.tensor([[0.0, 0.5, 0.5, 3.5, 4.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: roi_align(x, rois, 1.0, 2, 2, 2, True), (input,))
    assert roi_align(input, rois[:0], 1.0, 2, 2, 2, True).shape == (0, 2, 2, 2)
