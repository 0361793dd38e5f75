"""Box operators in plain torch, for a torchvision whose compiled operators do not fit the installed torch.

Shape legend: N boxes, K regions, B batch, C channels, H W map, P pooled size.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK_ELEMENTS = 1 << 24  # of one intermediate product: 64 MiB in float32


def nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Indices of the boxes that greedy non-maximum suppression keeps, best first. dets [N,4] x1y1x2y2, scores [N].

    A box is dropped when a kept one with a higher score overlaps it by more than the threshold. The fixed point of
    "kept unless a kept better one overlaps" is reached row by row, and is the greedy answer.
    """
    order = scores.argsort(descending=True, stable=True)
    over = (_iou(dets[order]) > iou_threshold).triu(diagonal=1)  # [N,N]: row overlaps the worse column
    kept = torch.ones(len(order), dtype=torch.bool, device=dets.device)
    while True:
        again = ~(over & kept[:, None]).any(dim=0)
        if torch.equal(again, kept):
            return order[kept]
        kept = again


def _iou(boxes: Tensor) -> Tensor:  # [N,4] -> [N,N]
    boxes = boxes.float() if boxes.dtype in (torch.float16, torch.bfloat16) else boxes
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    low, high = torch.maximum(boxes[:, None, :2], boxes[:, :2]), torch.minimum(boxes[:, None, 2:], boxes[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    return shared / (area[:, None] + area - shared)


def roi_align(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> Tensor:
    """Regions of a feature map pooled by bilinear samples: input [B,C,H,W], rois [K,5] batch x1y1x2y2 -> [K,C,PH,PW].

    Mask R-CNN (He et al., 2017), section 3. The mean over a bin's grid of bilinear samples is separable, so that it is
    two matrix products with row weights [K,PH,H] and column weights [K,PW,W]; autograd follows by itself.
    """
    low = rois[:, 1:3] * spatial_scale - (0.5 if aligned else 0.0)  # [K,2] x, y
    size = rois[:, 3:5] * spatial_scale - (0.5 if aligned else 0.0) - low
    size = size if aligned else size.clamp(min=1.0)
    columns = _weights(low[:, 0], size[:, 0], pooled_width, input.shape[3], sampling_ratio)  # [K,PW,W]
    rows = _weights(low[:, 1], size[:, 1], pooled_height, input.shape[2], sampling_ratio)  # [K,PH,H]
    step = max(1, CHUNK_ELEMENTS // max(1, input[0].numel()))
    parts = [
        rows[i : i + step, None] @ input[rois[i : i + step, 0].long()] @ columns[i : i + step, None].transpose(2, 3)
        for i in range(0, len(rois), step)
    ]
    return torch.cat(parts) if parts else input.new_zeros(0, input.shape[1], pooled_height, pooled_width)


def _weights(low: Tensor, size: Tensor, pooled: int, length: int, sampling_ratio: int) -> Tensor:
    """How much each of `length` places counts for each of `pooled` bins of each region: [K] -> [K,P,length]."""
    count = torch.full_like(size, sampling_ratio) if sampling_ratio > 0 else (size / pooled).ceil().clamp(min=1)
    most = int(count.max()) if len(count) else 1
    sample = torch.arange(most, device=low.device, dtype=low.dtype)  # [S]
    inside = (
        torch.arange(pooled, device=low.device, dtype=low.dtype)[:, None] + (sample + 0.5) / count[:, None, None]
    ) / pooled
    place = low[:, None, None] + inside * size[:, None, None]  # [K,P,S]
    share = (sample < count[:, None, None]) & (place >= -1) & (place <= length)  # samples outside count as zero
    place = place.clamp(0, length - 1)
    first = place.floor().long()
    second = (first + 1).clamp(max=length - 1)
    right = place - first
    scale = share / count[:, None, None]
    weights = low.new_zeros(len(low), pooled, length)
    return weights.scatter_add(2, first, (1 - right) * scale).scatter_add(2, second, right * scale)
