"""Every function of torch on tensors: trained layers before it and behind it, one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from torchwork.build import build
from torchwork.catalog import catalog
from torchwork.errors import TrainingError
from torchwork.experiment import Experiment

from .flow import document, trained, trainer, without_gradient
from .models import (
    Around,
    Case,
    arguments_of,
    complex_numbers,
    constant,
    inputs_of,
    model_around,
    numbers,
    one,
    places,
    pooled,
    share,
    yes_or_no,
)

MATRIX, VECTOR = one(numbers(4, 4)), one(numbers(4))
LABELS = one(places(4), 1)
"""a class for each sample"""
ROW = one(places(4))
"""the numbers 0 to 3 in any order"""


def filled(value: int, *shape: int) -> list[Any]:
    """The same whole number everywhere."""
    return [*places(*shape), {"full_like": {"fill_value": value}}]


def signs(chain: list[Any]) -> list[Any]:
    """-1 and 1 as constants."""
    return [*chain, "sign", "detach"]


def convolution(*sizes: int, transposed: bool = False) -> Case:
    """A picture of 4 channels, and a kernel that the layers before give."""
    kernel = numbers(4, 3, *(2 for _ in sizes)) if transposed else numbers(3, 4, *(2 for _ in sizes))
    return Case(inputs=[numbers(4, *sizes), one(kernel)])


UNIT = Case(inputs=[share(4, 4)])
UNITS = Case(inputs=[share(4, 4), share(4, 4)])
ABOVE_ONE = Case(inputs=[[*numbers(4, 4), "exp", {"add": {"other": 1}}]])
WHOLE = Case(inputs=[places(4, 4), places(4, 4)])
CONSTANT = Case(inputs=[constant(4, 4)])
CONSTANTS = Case(inputs=[constant(4, 4), constant(4, 4)])
MATRICES = Case(inputs=[MATRIX, MATRIX])
VECTORS = Case(inputs=[VECTOR, VECTOR])
FIRST_OF_TWO = Case(cut={1: "only the first of its outputs goes on"})
WITHOUT_VALUES = Case(cut={0: "it uses the shape of its input, not the values"})
UNSQUEEZE = {"unsqueeze": {"dim": 0}}
WINDOW = one(share(4))

CASES: dict[str, Case] = {
    # What is computed of numbers of a certain range.
    **dict.fromkeys(("acos", "arccos", "asin", "arcsin", "atanh", "arctanh", "erfinv", "logit", "bernoulli"), UNIT),
    **dict.fromkeys(("log", "log10", "log1p", "log2", "sqrt", "rsqrt", "poisson"), UNIT),
    **dict.fromkeys(("pow", "float_power", "xlogy", "binary_cross_entropy"), UNITS),
    **dict.fromkeys(("acosh", "arccosh"), ABOVE_ONE),
    "gaussian_nll_loss": Case(inputs=[numbers(4, 4), numbers(4, 4), share(4, 4)]),
    "kl_div": Case({"reduction": "batchmean"}, [numbers(4), share(4)]),  # torch warns of its own default
    "logdet": Case(inputs=[[*numbers(4, 4), "matrix_exp"]]),  # a positive determinant
    "multinomial": Case(inputs=[share(4)]),
    # Whole numbers, booleans, complex numbers.
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm"), WHOLE),
    **dict.fromkeys(("bitwise_left_shift", "bitwise_right_shift"), WHOLE),
    "bitwise_not": Case(inputs=[places(4, 4)]),
    "bincount": Case(inputs=[ROW]),
    "one_hot": Case({"num_classes": 4}, [places(4)]),
    "unravel_index": Case({"shape": [2, 2]}, [places(4)]),
    "masked_fill": Case({"value": 0.5}, [numbers(4, 4), yes_or_no(4, 4)]),
    "masked_scatter": Case(inputs=[numbers(4, 4), yes_or_no(4, 4), numbers(4, 4)]),
    "masked_select": Case(inputs=[numbers(4, 4), yes_or_no(4, 4)]),
    "where": Case(inputs=[yes_or_no(4, 4), numbers(4, 4), numbers(4, 4)]),
    "imag": Case(inputs=[complex_numbers(4)]),
    "view_as_complex": Case(inputs=[numbers(4, 2)]),
    "view_as_real": Case(inputs=[complex_numbers(4)]),
    "istft": Case({"n_fft": 4}, [complex_numbers(3, 5), WINDOW]),
    "stft": Case({"n_fft": 4, "return_complex": True}, [numbers(16), WINDOW]),
    # Vectors and matrices without a batch.
    **dict.fromkeys(("corrcoef", "cov", "diag", "pdist", "t", "trace"), Case(inputs=[MATRIX])),
    **dict.fromkeys(("dot", "vdot", "ger", "outer"), VECTORS),
    "cartesian_prod": VECTORS,
    "combinations": Case(inputs=[VECTOR]),
    "meshgrid": Case({"indexing": "ij"}, [VECTOR, VECTOR], cut=FIRST_OF_TWO.cut),
    "block_diag": MATRICES,
    "mm": MATRICES,
    "mv": Case(inputs=[MATRIX, VECTOR]),
    "addmm": Case(inputs=[MATRIX, MATRIX, MATRIX]),
    "addmv": Case(inputs=[VECTOR, MATRIX, VECTOR]),
    "addr": Case(inputs=[MATRIX, VECTOR, VECTOR]),
    "addbmm": Case(inputs=[MATRIX, numbers(4, 4), numbers(4, 4)]),
    "inner": Case(inputs=[numbers(4, 4), MATRIX]),
    "linear": Case(inputs=[numbers(4, 4), MATRIX]),
    "tensordot": Case({"dims": 1}, [numbers(4, 4), MATRIX]),
    "bilinear": Case(inputs=[numbers(4), numbers(4), one(numbers(3, 4, 4))]),
    "cross": Case({"dim": -1}, [numbers(4, 3), numbers(4, 3)]),
    "einsum": Case({"equation": "bij,bjk->bik"}),
    "orgqr": Case(inputs=[numbers(4, 4), numbers(4)]),
    "ormqr": Case(inputs=[numbers(4, 4), numbers(4), numbers(4, 4)]),
    "vsplit": Case({"sections": 2}, [MATRIX]),
    "hsplit": Case({"sections": 2}),
    "dsplit": Case({"sections": 2}),
    # Indices.
    "embedding": Case(inputs=[places(4), MATRIX]),
    "embedding_bag": Case(inputs=[places(4), MATRIX]),
    "gather": Case(inputs=[numbers(4, 4), places(4, 4)]),
    "index_add": Case(inputs=[numbers(4, 4), ROW, numbers(4, 4)]),
    "index_fill": Case({"value": 0.5}, [numbers(4, 4), ROW]),
    "index_put": Case({"indices": [[0, 2]]}, [MATRIX, VECTOR]),
    "index_select": Case(inputs=[numbers(4, 4), ROW]),
    "narrow": Case({"start": 1, "length": 2}),
    "put": Case(inputs=[numbers(4), places(4), numbers(4)]),
    "scatter": Case({"value": 0.5}, [numbers(4, 4), places(4, 4)]),
    "scatter_add": Case(inputs=[numbers(4, 4), places(4, 4), numbers(4, 4)]),
    "scatter_reduce": Case({"reduce": "sum"}, [numbers(4, 4), places(4, 4), numbers(4, 4)]),
    "segment_reduce": Case({"reduce": "sum"}, [VECTOR, one(filled(4, 1))]),
    "select_scatter": Case(inputs=[numbers(4, 4), numbers(4)]),
    "take": Case(inputs=[numbers(4, 4), places(4)]),
    "take_along_dim": Case({"dim": 1}, [numbers(4, 4), places(4, 4)]),
    "bucketize": Case(inputs=[numbers(4, 4), VECTOR]),
    "isin": Case({"test_element": 1.0}),
    "max_unpool1d": pooled("1d", 4, 8),
    "max_unpool2d": pooled("2d", 4, 4, 4),
    "max_unpool3d": pooled("3d", 4, 4, 4, 4),
    # Losses as functions.
    "cosine_embedding_loss": Case(inputs=[numbers(4), numbers(4), signs(one(numbers(4), 1))]),
    "ctc_loss": Case(inputs=[
        [*numbers(4, 5), {"transpose": {"dim0": 0, "dim1": 1}}, {"log_softmax": {"dim": -1}}],
        [*places(2), {"add": {"other": 1}}], one(filled(4, 2), 1), one(filled(2, 2), 1),
    ]),
    "hinge_embedding_loss": Case(inputs=[numbers(4), signs(numbers(4))]),
    "multi_margin_loss": Case(inputs=[numbers(4), LABELS]),
    "multilabel_margin_loss": Case(inputs=[numbers(4), places(4)]),
    "nll_loss": Case(inputs=[numbers(4), LABELS]),
    "soft_margin_loss": Case(inputs=[numbers(4), signs(numbers(4))]),
    # Convolutions, pooling and normalisation as functions.
    "conv1d": convolution(8),
    "conv2d": convolution(4, 4),
    "conv3d": convolution(4, 4, 4),
    "conv_transpose1d": convolution(8, transposed=True),
    "conv_transpose2d": convolution(4, 4, transposed=True),
    "conv_transpose3d": convolution(4, 4, 4, transposed=True),
    "conv_tbc": Case(inputs=[numbers(4, 4), one(numbers(2, 4, 3)), one(numbers(3))]),
    "batch_norm": Case(inputs=[numbers(4, 4), one(constant(4)), one(constant(4))]),
    "prelu": Case(inputs=[numbers(4, 4), VECTOR]),
    "layer_norm": Case({"normalized_shape": [4]}),
    "rms_norm": Case({"normalized_shape": [4]}),
    "fold": Case({"output_size": [4, 4], "kernel_size": [2, 2]}, [numbers(8, 9)]),
    "fractional_max_pool2d": Case({"output_size": 2}),
    "fractional_max_pool3d": Case({"output_size": 2}),
    "interpolate": Case({"scale_factor": 2}),
    "grid_sample": Case({"align_corners": False}, [numbers(2, 4, 4), numbers(3, 3, 2)]),  # torch warns without
    "affine_grid": Case({"size": [1, 1, 3, 3], "align_corners": False}, [[*one(numbers(2, 3)), UNSQUEEZE]]),
    "pixel_shuffle": Case(inputs=[numbers(4, 4, 4)]),  # torch takes three dimensions for one picture
    # Shapes.
    "as_strided_scatter": Case({"size": [2, 2], "stride": [1, 2]}, [MATRIX, one(numbers(2, 2))]),
    "broadcast_to": Case({"size": [3, 4]}, [VECTOR]),
    "clamp": Case({"min": -0.5}),
    "clip": Case({"min": -0.5}),
    "diagonal": Case({"dim1": 1, "dim2": 2}),
    "diagonal_scatter": Case({"dim1": 1, "dim2": 2}, [numbers(4, 4), numbers(4)]),
    "moveaxis": Case({"source": 1, "destination": 2}),
    "movedim": Case({"source": 1, "destination": 2}),
    "permute": Case({"dims": [0, 2, 1]}),
    "nanquantile": Case({"q": 0.5}),
    "quantile": Case({"q": 0.5}),
    "renorm": Case({"maxnorm": 1.0}),
    "repeat_interleave": Case({"repeats": 2, "dim": 1}),
    "reshape": Case({"shape": [-1, 16]}),
    "roll": Case({"shifts": 1, "dims": 1}),
    "rot90": Case({"dims": [1, 2]}),
    "slogdet": Case(output="part[1]"),
    "split": Case({"split_size_or_sections": 2, "dim": 1}),
    "tensor_split": Case({"sections": 2, "dim": 1}),
    "tile": Case({"dims": [1, 2]}),
    "unbind": Case({"dim": 1}),
    "unflatten": Case({"sizes": [2, 2]}),
    # No gradient passes.
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_tensors"), FIRST_OF_TWO),
    **dict.fromkeys(("full_like", "ones_like", "zeros_like"), WITHOUT_VALUES),
    **dict.fromkeys(("argwhere", "nonzero"), Case(cut={0: "it gives places"})),
    "detach": Case(cut={0: "that is what it is for"}),
    "histc": Case(cut={0: "torch takes the counts as constants"}),
    # torch has no derivative.
    **dict.fromkeys(("floor_divide", "heaviside"), CONSTANTS),
    **dict.fromkeys(("geqrf", "histogram", "unique", "unique_consecutive"), CONSTANT),
    "histogramdd": Case({"bins": [2, 2]}, [constant(2)]),
    "igamma": Case(inputs=[constant(4, 4), share(4, 4)]),
    "igammac": Case(inputs=[constant(4, 4), share(4, 4)]),
}  # fmt: skip
"""operations whose inputs or arguments no rule knows"""
ENTRIES = catalog().entries("operation")


@pytest.mark.parametrize("name", ENTRIES)
def test_operation(name: str, base: Path) -> None:
    around = around_it(name, CASES.get(name, Case()))
    built = trained(document(model=around.model), base)
    unreached = without_gradient(built.model)
    assert {name for name in unreached if not name.startswith(around.unreached)} == set()
    assert all(any(name.startswith(beginning) for name in unreached) for beginning in around.unreached)


def around_it(name: str, case: Case) -> Around:
    """The model with the operation in it."""
    entry = ENTRIES[name]
    open_tensors = [tensor for tensor in entry.needed if tensor not in case.args]
    count = 2 if entry.listed or entry.spread else len(open_tensors)
    return model_around(entry, arguments_of(entry, case), inputs_of(entry, case, count), case)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("floor_divide", "torch has no derivative of floor_divide; put `detach` before it"),
        ("histogram", "torch has no derivative of histogram; put `detach` before it"),
        ("soft_margin_loss", "soft_margin_loss takes its target as a constant only; put `detach` before it"),
    ],
)
def test_what_cannot_be_differentiated_says_so(name: str, words: str, base: Path) -> None:
    built = build(Experiment.parse(document(model=around_it(name, Case()).model)), base=base)
    with pytest.raises(TrainingError, match=rf"^step 1: {words}$"):
        trainer(built).fit()


def test_the_exceptions_are_of_this_catalog() -> None:
    assert CASES.keys() <= ENTRIES.keys()
    assert len(ENTRIES) > 400
