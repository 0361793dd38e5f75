"""Docstrings of torch's habits: Google style arguments with remnants of reST."""

from __future__ import annotations

from torchwork.catalog.documentation import plain, read

TEXT = r"""conv(input, *, out=None) -> Tensor

    Applies a :class:`~torch.nn.Conv2d` to ``x`` of shape :math:`(N, C_{\text{in}}, \frac{H}{2})`,
    see `the paper <https://example.org>`__:

    .. note::
        Not a summary.

    Args:
        stride (int or tuple (sH, sW), optional): Stride of the *window*.
            Default: :attr:`kernel_size`

            .. warning:: cut here
        dim0, dim1 (int): Dimensions
        reduction (str): ``'none'`` | ``'mean'``

    Keyword args:
        out: the result

    Shape:
        - Input: ignored
    """


def test_the_summary_is_the_first_paragraph_without_the_signature() -> None:
    assert read(TEXT).summary == "Applies a Conv2d to x of shape (N, C_in, H/2), see the paper."


def test_arguments_have_types_and_help() -> None:
    arguments = read(TEXT).arguments
    assert list(arguments) == ["stride", "dim0", "dim1", "reduction", "out"]
    assert arguments["stride"].type == "int or tuple (sH, sW), optional"
    assert arguments["stride"].help == "Stride of the window. Default: kernel_size"
    assert arguments["dim1"].help == "Dimensions"
    assert arguments["reduction"].help == "'none' | 'mean'"


def test_a_signature_on_the_line_above_its_paragraph_is_left_out() -> None:
    assert read("arctan2(input, other) -> Tensor\nAlias for :func:`torch.atan2`.").summary == "Alias for torch.atan2."


def test_a_directive_is_no_summary() -> None:
    assert read(".. warning:: beta\n\n   more of it\n\nTrue text.").summary == "True text."


def test_no_docstring_is_empty() -> None:
    assert read(None).summary == "" and read(None).arguments == {}


def test_multiplication_is_not_emphasis() -> None:
    assert plain("a * b * c and **kwargs, dilation*(k - 1)") == "a * b * c and **kwargs, dilation*(k - 1)"
